/* Touches a peripheral the emulator knows by name only (I2C1): read 0, write ignored, told once each on the host side
   with pc and register; under --strict an error (exit code 3).
   Expected on USART3:
     I2C1_CR1 reads 0x00000000
     the program goes on                                                                                             */
#include "h7.h"
#include "print.h"

int main(void) {
    usart3_open();
    RCC_APB1LENR |= RCC_APB1LENR_I2C1EN;
    const uint32_t value = I2C1_CR1;
    I2C1_CR1 = 1;
    say("I2C1_CR1 reads %x\n", value);
    say("the program goes on\n");
    stop();
}
