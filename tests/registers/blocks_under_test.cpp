#include "tests/registers/blocks_under_test.hpp"

#include "emulator/fabric/bus_port.hpp"
#include "emulator/security/secure_mode.hpp"
#include "peripherals/bdma/bdma.hpp"
#include "peripherals/crc/crc.hpp"
#include "peripherals/cryp/cryp.hpp"
#include "peripherals/dbgmcu/dbgmcu.hpp"
#include "peripherals/dma/dma.hpp"
#include "peripherals/dma2d/dma2d.hpp"
#include "peripherals/dmamux/dmamux.hpp"
#include "peripherals/exti/exti.hpp"
#include "peripherals/flash/controller.hpp"
#include "peripherals/gpio/gpio.hpp"
#include "peripherals/hash/hash.hpp"
#include "peripherals/hsem/hsem.hpp"
#include "peripherals/iwdg/iwdg.hpp"
#include "peripherals/lptim/lptim.hpp"
#include "peripherals/mdma/mdma.hpp"
#include "peripherals/pwr/pwr.hpp"
#include "peripherals/rcc/rcc.hpp"
#include "peripherals/rng/rng.hpp"
#include "peripherals/rtc/rtc.hpp"
#include "peripherals/sec/sec.hpp"
#include "peripherals/syscfg/syscfg.hpp"
#include "peripherals/tim/tim.hpp"
#include "peripherals/usart/usart.hpp"
#include "peripherals/wwdg/wwdg.hpp"

namespace h7 {
namespace {

template <class Block, class... Arguments>
std::function<Specimen()> simple(Arguments... arguments) {
    return [=] { return Specimen{nullptr, std::make_unique<Block>(arguments...)}; };
}

bool yes() { return true; }

/// A block that lives on the clock.
template <class Block, class... Arguments>
std::function<Specimen()> timed(Arguments... arguments) {
    return [=] {
        auto clock = std::make_shared<Clock>();
        return Specimen{clock, std::make_unique<Block>(arguments..., *clock)};
    };
}

/// A bus on which nobody answers.
struct EmptyBus : BusPort {
    BusResult<std::uint64_t> read(const Access&) override { return bus_error("nobody", ""); }
    BusResult<void> write(const Access&, std::uint64_t) override { return bus_error("nobody", ""); }
    Clock clock;
};
/// A bus master.
template <class Block, class... Arguments>
std::function<Specimen()> master(Arguments... arguments) {
    return [=] {
        auto around = std::make_shared<EmptyBus>();
        return Specimen{around, std::make_unique<Block>(arguments..., around->clock, *around)};
    };
}

struct FlashNeighbours {
    Clock clock;
    security::SecureMode secure{true};
};

}  // namespace

std::vector<BlockUnderTest> blocks_under_test() {
    return {
        {"RCC", simple<rcc::Rcc>(rcc::Ports{.dbp = yes, .debug_keeps_clock = {}})},
        {"PWR", simple<pwr::Pwr>()},
        {"SYSCFG", simple<syscfg::Syscfg>()},
        {"SEC",
         [] {
             auto mode = std::make_shared<security::SecureMode>(true);
             mode->sample_at_reset(true);
             return Specimen{mode, std::make_unique<sec::Sec>(*mode)};
         }},
        {"CRYP", simple<cryp::Cryp>()},
        {"HASH", simple<hash::Hash>()},
        {"GPIOA", simple<gpio::Gpio>('A')},
        {"GPIOB", simple<gpio::Gpio>('B')},
        {"GPIOK", simple<gpio::Gpio>('K')},
        {"USART3", simple<usart::Usart>("USART3", Address{0x4000'4800})},
        {"UART4", simple<usart::Usart>("UART4", Address{0x4000'4C00}, nullptr, usart::Kind::asynchronous)},
        {"LPUART1", simple<usart::Usart>("LPUART1", Address{0x5800'0C00}, nullptr, usart::Kind::low_power)},
        {"DBGMCU", simple<dbgmcu::Dbgmcu>()},
        {"RTC",
         [] {
             auto clock = std::make_shared<Clock>();
             auto rtc = std::make_unique<rtc::Rtc>(
                 *clock, rtc::Ports{.dbp = yes, .backup_closed = {}, .tampered = {}});
             rtc->set_clock(32'768);
             return Specimen{clock, std::move(rtc)};
         }},
        {"EXTI", simple<exti::Exti>()},
        {"HSEM", simple<hsem::Hsem>()},
        {"LPTIM1", timed<lptim::Lptim>("LPTIM1", Address{0x4000'2400})},
        {"TIM1", timed<tim::Tim>("TIM1", Address{0x4001'0000}, tim::Kind::advanced)},
        {"TIM2", timed<tim::Tim>("TIM2", Address{0x4000'0000}, tim::Kind::general_32)},
        {"TIM3", timed<tim::Tim>("TIM3", Address{0x4000'0400}, tim::Kind::general)},
        {"TIM6", timed<tim::Tim>("TIM6", Address{0x4000'1000}, tim::Kind::basic)},
        {"TIM12", timed<tim::Tim>("TIM12", Address{0x4000'1800}, tim::Kind::two_channel)},
        {"TIM13", timed<tim::Tim>("TIM13", Address{0x4000'1C00}, tim::Kind::one_channel)},
        {"TIM15", timed<tim::Tim>("TIM15", Address{0x4001'4000}, tim::Kind::tim15)},
        {"TIM16", timed<tim::Tim>("TIM16", Address{0x4001'4400}, tim::Kind::tim16)},
        {"WWDG1", timed<wwdg::Wwdg>("WWDG1", Address{0x5000'3000}, Address{0x1000})},
        {"IWDG1", timed<iwdg::Iwdg>("IWDG1", Address{0x5800'4800})},
        {"CRC", simple<crc::Crc>()},
        {"DMA1", master<dma::Dma>("DMA1", Address{0x4002'0000}, Master::dma1)},
        {"BDMA", master<bdma::Bdma>()},
        {"MDMA", master<mdma::Mdma>()},
        {"DMA2D", master<dma2d::Dma2d>()},
        {"DMAMUX1", simple<dmamux::Dmamux>("DMAMUX1", Address{0x4002'0800}, dmamux::kDmamux1)},
        {"DMAMUX2", simple<dmamux::Dmamux>("DMAMUX2", Address{0x5802'5800}, dmamux::kDmamux2)},
        {"RNG", timed<rng::Rng>(std::uint64_t{1})},
        {"FLASH",
         [] {
             auto around = std::make_shared<FlashNeighbours>();
             auto flash = std::make_unique<flash::Controller>(flash::Geometry{},
                                                              flash::Ports{around->clock, around->secure});
             return Specimen{around, std::move(flash)};
         }},
    };
}

}  // namespace h7
