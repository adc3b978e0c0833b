// Colours of the DMA2D as arithmetic: formats in memory, alpha, blending (RM0399 19.3.5, 19.3.7, 19.3.8).
#pragma once

#include <cstdint>

namespace h7::dma2d {

/// Input formats as FGPFCCR.CM and BGPFCCR.CM number them; the first five are output formats too.
enum class Format : std::uint8_t { argb8888, rgb888, rgb565, argb1555, argb4444, l8, al44, al88, l4, a8, a4 };
inline constexpr unsigned kFormats = 11, kOutputFormats = 5;

/// Bits of a pixel in memory.
constexpr unsigned bits_of(Format format) {
    constexpr unsigned kBits[kFormats] = {32, 24, 16, 16, 16, 8, 8, 16, 4, 8, 4};
    return kBits[static_cast<unsigned>(format)];
}

/// Eight bits for each channel.
struct Pixel {
    std::uint8_t a = 0xFF, r = 0, g = 0, b = 0;
};

/// What a pixel format converter adds to the bits in memory.
struct Conversion {
    Format format = Format::argb8888;
    std::uint32_t color = 0;              // FGCOLR, BGCOLR: of A8 and A4
    const std::uint32_t* clut = nullptr;  // 256 entries ARGB8888: of L8, L4, AL44, AL88
    unsigned alpha_mode = 0;              // AM
    std::uint8_t alpha = 0;               // ALPHA
    bool invert_alpha = false;            // AI
    bool swap_red_blue = false;           // RBS
};
Pixel unpack(std::uint32_t bits, const Conversion& how);
/// A fixed colour through the same converter.
Pixel fixed(const Conversion& how);
std::uint32_t pack(Pixel pixel, Format format, bool invert_alpha, bool swap_red_blue);
Pixel blend(const Pixel& front, const Pixel& back);

}  // namespace h7::dma2d
