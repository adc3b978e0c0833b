/* The registers the fixtures touch, by ST's names. Only what is used: spec/system.md 1.3, 2.4, 4.1, 5; flash-rules.md 21. */
#ifndef H7_H
#define H7_H

#include <stdint.h>

#define REG32(address) (*(volatile uint32_t *)(address))
#define REG8(address) (*(volatile uint8_t *)(address))

/* RCC: the window 0x0D0-0x11C belongs to the core that uses it. */
#define RCC_CR REG32(0x58024400U)
#define RCC_CR_D2CKRDY (1U << 15)
#define RCC_CR_D1CKRDY (1U << 14)
#define RCC_CR_CSION (1U << 7)
#define RCC_CR_CSIRDY (1U << 8)
#define RCC_CFGR REG32(0x58024410U)
#define RCC_CFGR_SW_Msk (7U << 0)
#define RCC_CFGR_SW_HSI 0U
#define RCC_CFGR_SW_CSI 1U
#define RCC_GCR REG32(0x580244A0U)
#define RCC_RSR REG32(0x580244D0U)
#define RCC_RSR_RMVF (1U << 16)
#define RCC_AHB4ENR REG32(0x580244E0U)
#define RCC_AHB4ENR_HSEMEN (1U << 25)
#define RCC_APB3ENR REG32(0x580244E4U)
#define RCC_APB4ENR REG32(0x580244F4U)
#define RCC_APB1LENR REG32(0x580244E8U)
#define RCC_APB1LENR_USART3EN (1U << 18)
#define RCC_APB1LENR_I2C1EN (1U << 21)

#define PWR_CR1 REG32(0x58024800U)
#define PWR_CR1_LPDS (1U << 0)
#define PWR_CPUCR REG32(0x58024810U)
#define PWR_CPU2CR REG32(0x58024814U)
#define PWR_CPU2CR_PDDS_D2 (1U << 1)

#define EXTI_RTSR1 REG32(0x58000000U)
#define EXTI_SWIER1 REG32(0x58000008U)
#define EXTI_C1IMR1 REG32(0x58000080U)
#define EXTI_C1PR1 REG32(0x58000088U)
#define EXTI_C2IMR1 REG32(0x580000C0U)
#define EXTI_C2PR1 REG32(0x580000C8U)
#define EXTI_C2EMR3 REG32(0x580000E4U)
#define EXTI_C2EMR3_LINE78 (1U << 14) /* HSEM interrupt of CPU2 */

#define DBGMCU_IDC REG32(0x5C001000U)
#define FMC_BCR1 REG32(0x52004000U)

/* HSEM: R is taken in two steps, RLR in one. COREID 3 = Cortex-M7, 1 = Cortex-M4. */
#define HSEM_R(n) REG32(0x58026400U + 4U * (n))
#define HSEM_RLR(n) REG32(0x58026480U + 4U * (n))
#define HSEM_LOCK 0x80000000U
#define HSEM_C1IER REG32(0x58026500U)
#define HSEM_C1ICR REG32(0x58026504U)
#define HSEM_C1MISR REG32(0x5802650CU)
#define HSEM_C2IER REG32(0x58026510U)
#define HSEM_C2ICR REG32(0x58026514U)
#define HSEM_C2MISR REG32(0x5802651CU)

#define USART3_CR1 REG32(0x40004800U)
#define USART3_BRR REG32(0x4000480CU)
#define USART3_ISR REG32(0x4000481CU)
#define USART3_TDR REG32(0x40004828U)
#define USART_CR1_UE (1U << 0)
#define USART_CR1_TE (1U << 3)
#define USART_ISR_TC (1U << 6)
#define USART_ISR_TXE (1U << 7)

#define I2C1_CR1 REG32(0x40005400U)

#define SEC_CONFSEC REG32(0x4FFF1000U)

/* FLASH; bank is 1 or 2. */
#define FLASH_KEYR(bank) REG32(0x52002004U + 0x100U * ((bank)-1U))
#define FLASH_CR(bank) REG32(0x5200200CU + 0x100U * ((bank)-1U))
#define FLASH_SR(bank) REG32(0x52002010U + 0x100U * ((bank)-1U))
#define FLASH_CCR(bank) REG32(0x52002014U + 0x100U * ((bank)-1U))
#define FLASH_OPTKEYR REG32(0x52002008U)
#define FLASH_OPTCR REG32(0x52002018U)
#define FLASH_OPTSR_CUR REG32(0x5200201CU)
#define FLASH_OPTSR_PRG REG32(0x52002020U)
#define FLASH_OPTCCR REG32(0x52002024U)
#define FLASH_PRAR_CUR(bank) REG32(0x52002028U + 0x100U * ((bank)-1U))
#define FLASH_PRAR_PRG(bank) REG32(0x5200202CU + 0x100U * ((bank)-1U))
#define FLASH_SCAR_CUR(bank) REG32(0x52002030U + 0x100U * ((bank)-1U))
#define FLASH_SCAR_PRG(bank) REG32(0x52002034U + 0x100U * ((bank)-1U))
#define FLASH_WPSN_CUR(bank) REG32(0x52002038U + 0x100U * ((bank)-1U))
#define FLASH_WPSN_PRG(bank) REG32(0x5200203CU + 0x100U * ((bank)-1U))
#define FLASH_BOOT7_CUR REG32(0x52002040U)
#define FLASH_BOOT7_PRG REG32(0x52002044U)
#define FLASH_BOOT4_CUR REG32(0x52002048U)
#define FLASH_BOOT4_PRG REG32(0x5200204CU)
#define FLASH_CRCCR(bank) REG32(0x52002050U + 0x100U * ((bank)-1U))
#define FLASH_CRCSADD(bank) REG32(0x52002054U + 0x100U * ((bank)-1U))
#define FLASH_CRCEADD(bank) REG32(0x52002058U + 0x100U * ((bank)-1U))
#define FLASH_CRCDATA REG32(0x5200205CU)
#define FLASH_ECC_FA(bank) REG32(0x52002060U + 0x100U * ((bank)-1U))
#define FLASH_ACR REG32(0x52002000U)
#define FLASH_ACR_LATENCY_Msk (15U << 0)
#define FLASH_CR_LOCK (1U << 0)
#define FLASH_CR_PG (1U << 1)
#define FLASH_CR_SER (1U << 2)
#define FLASH_CR_BER (1U << 3)
#define FLASH_CR_PSIZE_Pos 4
#define FLASH_CR_PSIZE_Msk (3U << 4)
#define FLASH_CR_START (1U << 7)
#define FLASH_CR_CRC_EN (1U << 15)
#define FLASH_CR_SNB_Pos 8
#define FLASH_CR_SNB_Msk (7U << 8)
#define FLASH_SR_QW (1U << 2)
#define FLASH_SR_CRC_BUSY (1U << 3)
#define FLASH_SR_EOP (1U << 16)
#define FLASH_SR_WRPERR (1U << 17)
#define FLASH_SR_PGSERR (1U << 18)
#define FLASH_SR_STRBERR (1U << 19)
#define FLASH_SR_INCERR (1U << 21)
#define FLASH_SR_OPERR (1U << 22)
#define FLASH_SR_RDPERR (1U << 23)
#define FLASH_SR_SNECCERR (1U << 25)
#define FLASH_SR_DBECCERR (1U << 26)
#define FLASH_SR_CRCEND (1U << 27)
#define FLASH_SR_CRCRDERR (1U << 28)
#define FLASH_SR_ERRORS 0x17EE0000U /* what ST's driver calls an error: bits 17-19, 21-26, 28 */
#define FLASH_CRCCR_CRC_SECT_Msk (7U << 0)
#define FLASH_CRCCR_CRC_BY_SECT (1U << 8)
#define FLASH_CRCCR_ADD_SECT (1U << 9)
#define FLASH_CRCCR_CLEAN_SECT (1U << 10)
#define FLASH_CRCCR_START_CRC (1U << 16)
#define FLASH_CRCCR_CLEAN_CRC (1U << 17)
#define FLASH_CRCCR_ALL_BANK (1U << 22)
#define FLASH_SR_FLAGS 0x1FEF0000U /* bits 16-19 and 21-28 */
#define FLASH_OPTCR_OPTLOCK (1U << 0)
#define FLASH_OPTCR_OPTSTART (1U << 1)
#define FLASH_OPTCR_MER (1U << 4)
#define FLASH_OPTCR_SWAP_BANK (1U << 31)
#define FLASH_OPTSR_OPT_BUSY (1U << 0)
#define FLASH_OPTSR_RDP_Msk (0xFFU << 8)
#define FLASH_OPTSR_SWAP_BANK_OPT (1U << 31)
#define FLASH_OPTSR_BOR_LEV_Pos 2
#define FLASH_OPTSR_BOR_LEV_Msk (3U << 2)
#define FLASH_OPTSR_SECURITY (1U << 21)
#define FLASH_OPTSR_OPTCHANGEERR (1U << 30)

/* Core peripherals: same address on both cores, each sees its own. */
#define SYST_CSR REG32(0xE000E010U)
#define SYST_RVR REG32(0xE000E014U)
#define SYST_CVR REG32(0xE000E018U)
#define NVIC_ISER(n) REG32(0xE000E100U + 4U * (n))
#define NVIC_ICER(n) REG32(0xE000E180U + 4U * (n))
#define NVIC_ISPR(n) REG32(0xE000E200U + 4U * (n))
#define NVIC_IPR(irq) REG8(0xE000E400U + (irq))
#define SCB_ICSR REG32(0xE000ED04U)
#define SCB_ICSR_PENDSTSET (1U << 26)
#define SCB_VTOR REG32(0xE000ED08U)
#define SCB_AIRCR REG32(0xE000ED0CU)
#define SCB_AIRCR_SYSRESETREQ 0x05FA0004U
#define SCB_SCR REG32(0xE000ED10U)
#define SCB_SCR_SLEEPDEEP (1U << 2)
#define SCB_SCR_SEVONPEND (1U << 4)
#define SCB_SHPR_SYSTICK REG8(0xE000ED23U)
#define SCB_SHCSR REG32(0xE000ED24U)
#define SCB_SHCSR_BUSFAULTENA (1U << 17)
#define SCB_CCR REG32(0xE000ED14U)
#define SCB_CCR_UNALIGN_TRP (1U << 3)
#define SCB_SHPR_SVCALL REG8(0xE000ED1FU)
#define SCB_SHCSR_MEMFAULTENA (1U << 16)
#define SCB_SHCSR_USGFAULTENA (1U << 18)
#define SCB_CFSR REG32(0xE000ED28U)
#define SCB_CFSR_MMARVALID (1U << 7)
#define SCB_HFSR REG32(0xE000ED2CU)
#define SCB_HFSR_FORCED (1U << 30)
#define SCB_MMFAR REG32(0xE000ED34U)
#define MPU_CTRL REG32(0xE000ED94U)
#define MPU_CTRL_ENABLE (1U << 0)
#define MPU_CTRL_HFNMIENA (1U << 1)
#define MPU_CTRL_PRIVDEFENA (1U << 2)
#define MPU_RBAR REG32(0xE000ED9CU)
#define MPU_RASR REG32(0xE000EDA0U)
#define SCB_CFSR_IBUSERR (1U << 8)
#define SCB_CFSR_PRECISERR (1U << 9)
#define SCB_CFSR_IMPRECISERR (1U << 10)
#define SCB_CFSR_BFARVALID (1U << 15)
#define SCB_BFAR REG32(0xE000ED38U)
#define SCB_CPACR REG32(0xE000ED88U)
#define SCB_DEMCR REG32(0xE000EDFCU)
#define SCB_DEMCR_TRCENA (1U << 24)
#define DWT_CTRL REG32(0xE0001000U)
#define DWT_CTRL_CYCCNTENA (1U << 0)
#define DWT_CYCCNT REG32(0xE0001004U)
#define DWT_LAR REG32(0xE0001FB0U)

/* ST's Root Security Services: a table of function pointers (spec/rss-sfi-bootloader.md 2.1). */
#define RSS_TABLE_GET_VERSION 0x1FF09500U
#define RSS_TABLE_GET_STATUS 0x1FF09504U
#define RSS_TABLE_GET_CERTIFICATE 0x1FF09508U
#define RSS_TABLE_GET_CERTIFICATE_SIZE 0x1FF0950CU
#define RSS_TABLE_SET_VECTORS 0x1FF09510U
#define RSS_TABLE_EXIT_SECURE_AREA 0x1FF09514U
#define RSS_TABLE_INITIALIZE_SECURE_AREAS 0x1FF09518U
#define RSS_TABLE_DESTROY_PCROP_AREA 0x1FF0951CU
#define RSS_TABLE_INSTALL_MODULES 0x1FF09520U
#define RSS_ENABLE_JTAG_AT_EXIT 0x97A0FA17U
#define RSS_KEEP_JTAG_DISABLED 0U

static inline void dsb(void) { __asm volatile("dsb" ::: "memory"); }
static inline void isb(void) { __asm volatile("isb" ::: "memory"); }
static inline void wfi(void) { __asm volatile("wfi" ::: "memory"); }
static inline void wfe(void) { __asm volatile("wfe" ::: "memory"); }
static inline void sev(void) { __asm volatile("sev" ::: "memory"); }

/* A system reset; nothing after it runs. */
static inline void __attribute__((noreturn)) reset_system(void) {
    dsb();
    SCB_AIRCR = SCB_AIRCR_SYSRESETREQ;
    dsb();
    for (;;) {
    }
}

/* What a program does when it has nothing more to say. */
static inline void __attribute__((noreturn)) stop(void) {
    __asm volatile("cpsid i");
    for (;;) wfi();
}

#endif
