#include "emulator/fabric/access.hpp"

#include <array>

namespace h7 {

std::string_view name_of(Master master) {
    static constexpr std::array<std::string_view, kMasters> kNames = {
        "CM7",    "CM4", "MDMA", "DMA1", "DMA2", "BDMA", "DMA2D", "LTDC", "SDMMC1",
        "SDMMC2", "ETH", "USB1", "USB2", "AP0",  "AP1",  "AP3",   "AP2"};
    return kNames[static_cast<std::size_t>(master)];
}

std::string_view name_of(Op op) {
    static constexpr std::array<std::string_view, 3> kNames = {"read", "fetch", "write"};
    return kNames[static_cast<std::size_t>(op)];
}

std::string_view name_of(Context context) {
    static constexpr std::array<std::string_view, 4> kNames = {"application", "secure user software", "RSS",
                                                               "bootloader"};
    return kNames[static_cast<std::size_t>(context)];
}

}  // namespace h7
