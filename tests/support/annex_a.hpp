// The vectors of rss-sfi-bootloader.md, Annex A: computed independently, with Python and PyCA cryptography.
#pragma once

#include <array>

#include "emulator/base/hex.hpp"

namespace h7::annex_a {

inline Bytes bytes(std::string_view hex) { return from_hex(hex).value(); }

inline Bytes device_secret() {
    return bytes("8277f704e91ab532e2bd5861012bd11c2c7106a7bbf47d3c93b888f82becaf18");
}
inline Bytes ephemeral_secret() {
    return bytes("20166b0822ceb5ee1fb3990c68b5d442ff3cea84df6447c0ddbc992e361dc876");
}
inline Bytes ca_secret() { return bytes("7575e303b183848c38750beba69427cc5ca26d14f51648c1482871e503de3e1c"); }
inline Bytes certificate() {
    return bytes(
        "343530303230303146a91944c062a500b6440a646f26859cb01fbce1660c943281e8963bed495c80656eb03b436599155dba"
        "b9d01a40"
        "c48e0a6474f928d99dcf476f49e6235c1eb17edb9e1097c04c9ee85af207cef09c556afaf3fb0721311b2a4912deabcd2184"
        "07cb53df"
        "4d63191cddaff3041071f513dc2c878b125a811a8fadcec96e0c81ef");
}
inline Bytes uid() { return bytes("230023001051373339393936"); }
inline Bytes key() { return bytes("101112131415161718191a1b1c1d1e1f"); }
inline Bytes nonce() { return bytes("a0a1a2a3a4a5a6a7a8a9aaab"); }
inline Bytes header_tag() { return bytes("5f1b00bb90841f3208224f89074fb539"); }
inline Bytes sfi_sha256() {
    return bytes("7769d9c5b7d8408461310f94daf9c948a048ac85929336862634b0303b4867f3");
}
/// Descriptor, tag and ciphertext of the F area.
inline Bytes firmware_record() {
    return bytes(
        "46000000010000000100000040000000000000080200000098065ce3be1689fef8b891ddc333f83ae84db7cfd70df55de550"
        "d6fce3f1"
        "11274274076b1189c5ca8d7134579121b2ed64cb1cf8e8171a67ed3e7e6d593f61e3bb4cddf8cfa99d4147fe26f908db72e"
        "a");
}
inline Bytes configuration_tag() { return bytes("ce45fc849905381322085ba3b28bef42"); }
inline Bytes z() { return bytes("66583d7c54c1aa9757a247b10541806d4cc1b3fbdddcca0ed61ba1db93cf21aa"); }
inline Bytes okm() { return bytes("520496cab7547ed22e6323364776262ee6db1788825d324c6adb14e1"); }
inline Bytes license() {
    return bytes(
        "01000000000000000100000000000000000000000000000073a2203abd6ca0667aeaaaed4d19dcf928e68154375bb73785d2"
        "99337e99"
        "07ea05827ebac0297459ba30f925144b27e9ae902f564e42d20cf11e27b3f1e7e3d6d289c2cc639e402329894c2081725943"
        "be3330e4"
        "16cd7f93a5fd9ecba64eb4a0c457c1e7d9743eade61ce36be07a4563");
}

/// The plaintext of the F area: bytes 00..3F.
inline Bytes firmware() {
    Bytes content(64);
    for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<std::uint8_t>(i);
    return content;
}
inline constexpr std::uint32_t kFirmwareAddress = 0x0800'0000;  // the bytes say so; the prose says 0x08020000
inline constexpr std::uint32_t kRamSize = 0x1'E000, kToken = 0x080F'F000;
/// The nine sample words of AN5054.
inline constexpr std::array<std::uint32_t, 9> kOptionWords = {0x1026'AAD0, 0x8100'0200, 0x8100'0200,
                                                              0x8100'0200, 0x8100'0200, 0xFFFF'FFFF,
                                                              0xFFFF'FFFF, 0x2400'0800, 0x1000'0810};

}  // namespace h7::annex_a
