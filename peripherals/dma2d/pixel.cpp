#include "peripherals/dma2d/pixel.hpp"

#include <utility>

#include "emulator/base/bits.hpp"

namespace h7::dma2d {
namespace {

/// `bits` wide, copied down so that all ones stay all ones.
constexpr std::uint8_t expand(std::uint32_t value, unsigned bits) {
    std::uint32_t out = value << (8 - bits);
    for (unsigned filled = bits; filled < 8; filled += bits) out |= out >> bits;
    return static_cast<std::uint8_t>(out);
}

Pixel argb(std::uint32_t word) {
    return {static_cast<std::uint8_t>(word >> 24), static_cast<std::uint8_t>(word >> 16),
            static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word)};
}

Pixel with_alpha(Pixel pixel, std::uint8_t alpha) {
    pixel.a = alpha;
    return pixel;
}

Pixel from_memory(std::uint32_t v, const Conversion& how) {
    const auto entry = [&how](std::uint32_t index) {
        return argb(how.clut != nullptr ? how.clut[index] : 0);
    };
    const auto rgb = [](std::uint8_t a, std::uint8_t r, std::uint8_t g, std::uint8_t b) {
        return Pixel{a, r, g, b};
    };
    switch (how.format) {
        case Format::argb8888:
            return argb(v);
        case Format::rgb888:
            return argb(v | 0xFF00'0000);
        case Format::rgb565:
            return rgb(0xFF, expand(v >> 11 & 0x1F, 5), expand(v >> 5 & 0x3F, 6), expand(v & 0x1F, 5));
        case Format::argb1555:
            return rgb(expand(v >> 15 & 1, 1), expand(v >> 10 & 0x1F, 5), expand(v >> 5 & 0x1F, 5),
                       expand(v & 0x1F, 5));
        case Format::argb4444:
            return rgb(expand(v >> 12 & 0xF, 4), expand(v >> 8 & 0xF, 4), expand(v >> 4 & 0xF, 4),
                       expand(v & 0xF, 4));
        case Format::l8:
            return entry(v & 0xFF);
        case Format::al44:
            return with_alpha(entry(v & 0xF), expand(v >> 4 & 0xF, 4));
        case Format::al88:
            return with_alpha(entry(v & 0xFF), static_cast<std::uint8_t>(v >> 8));
        case Format::l4:
            return entry(v & 0xF);
        case Format::a8:
            return with_alpha(argb(how.color), static_cast<std::uint8_t>(v));
        case Format::a4:
            return with_alpha(argb(how.color), expand(v & 0xF, 4));
    }
    return {};
}

Pixel finished(Pixel pixel, const Conversion& how) {
    if (how.alpha_mode == 1) pixel.a = how.alpha;
    if (how.alpha_mode == 2) pixel.a = static_cast<std::uint8_t>(pixel.a * how.alpha / 255);
    if (how.invert_alpha) pixel.a = static_cast<std::uint8_t>(255 - pixel.a);
    if (how.swap_red_blue) std::swap(pixel.r, pixel.b);
    return pixel;
}

}  // namespace

Pixel unpack(std::uint32_t bits, const Conversion& how) { return finished(from_memory(bits, how), how); }

Pixel fixed(const Conversion& how) { return finished(argb(how.color | 0xFF00'0000), how); }

std::uint32_t pack(Pixel p, Format format, bool invert_alpha, bool swap_red_blue) {
    if (invert_alpha) p.a = static_cast<std::uint8_t>(255 - p.a);
    if (swap_red_blue) std::swap(p.r, p.b);
    const std::uint32_t a = p.a, r = p.r, g = p.g, b = p.b;
    switch (format) {
        case Format::rgb888:
            return r << 16 | g << 8 | b;
        case Format::rgb565:
            return r >> 3 << 11 | g >> 2 << 5 | b >> 3;
        case Format::argb1555:
            return a >> 7 << 15 | r >> 3 << 10 | g >> 3 << 5 | b >> 3;
        case Format::argb4444:
            return a >> 4 << 12 | r >> 4 << 8 | g >> 4 << 4 | b >> 4;
        default:
            return a << 24 | r << 16 | g << 8 | b;
    }
}

/// Divisions round down (RM0399 19.3.7).
Pixel blend(const Pixel& front, const Pixel& back) {
    const unsigned both = front.a * back.a / 255U;
    const unsigned alpha = front.a + back.a - both;
    if (alpha == 0) return {0, 0, 0, 0};
    const auto channel = [&](unsigned f, unsigned b) {
        return static_cast<std::uint8_t>((f * front.a + b * back.a - b * both) / alpha);
    };
    return {static_cast<std::uint8_t>(alpha), channel(front.r, back.r), channel(front.g, back.g),
            channel(front.b, back.b)};
}

}  // namespace h7::dma2d
