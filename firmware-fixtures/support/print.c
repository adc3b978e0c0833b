#include "print.h"

#include <stdarg.h>

#include "h7.h"

void usart3_open(void) {
    RCC_APB1LENR |= RCC_APB1LENR_USART3EN;
    (void)RCC_APB1LENR;
    if ((USART3_CR1 & USART_CR1_UE) != 0) return;
    USART3_BRR = 64000000U / 115200U;
    USART3_CR1 = USART_CR1_UE | USART_CR1_TE;
}

void usart3_release(void) {
    while ((USART3_ISR & USART_ISR_TC) == 0) {
    }
    RCC_APB1LENR &= ~RCC_APB1LENR_USART3EN;
    (void)RCC_APB1LENR;
}

static void put(char c) {
    while ((USART3_ISR & USART_ISR_TXE) == 0) {
    }
    USART3_TDR = (uint8_t)c;
}

static void put_text(const char *text) {
    while (*text != '\0') put(*text++);
}

static void put_hex(uint32_t value) {
    put_text("0x");
    for (int shift = 28; shift >= 0; shift -= 4) put("0123456789ABCDEF"[(value >> shift) & 15U]);
}

static void put_decimal(uint32_t value) {
    char digits[10];
    int count = 0;
    do {
        digits[count++] = (char)('0' + value % 10U);
        value /= 10U;
    } while (value != 0);
    while (count > 0) put(digits[--count]);
}

void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    for (const char *p = format; *p != '\0'; ++p) {
        if (*p != '%') {
            put(*p);
            continue;
        }
        ++p;
        if (*p == 's') put_text(va_arg(arguments, const char *));
        if (*p == 'x') put_hex(va_arg(arguments, uint32_t));
        if (*p == 'u') put_decimal(va_arg(arguments, uint32_t));
    }
    va_end(arguments);
}
