// SFI-1 images and LIC-1 licenses made from their definition (rss-sfi-bootloader.md 4.3, 4.6) with the key
// pair of its Annex A, so that what the RSS accepts is not decided by the package tool.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "emulator/base/hex.hpp"
#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/crypto/license_key.hpp"
#include "rss/crypto/module_key.hpp"
#include "rss/crypto/openssl_sha256.hpp"
#include "rss/identity.hpp"
#include "rss/image/license.hpp"
#include "rss/image/option_words.hpp"
#include "rss/image/sfi.hpp"
#include "rss/image/smi.hpp"
#include "rss/install/part.hpp"

namespace h7::test {

template <std::size_t N>
std::array<std::uint8_t, N> hex(std::string_view text) {
    std::array<std::uint8_t, N> out{};
    const Bytes bytes = from_hex(text).value();
    std::copy_n(bytes.begin(), N, out.begin());
    return out;
}

/// The chip of Annex A.
inline rss::Identity annex_a_chip() {
    return {
        hex<12>("230023001051373339393936"),
        hex<136>(
            "343530303230303146a91944c062a500b6440a646f26859cb01fbce1660c943281e8963bed495c80656eb03b43659915"
            "5dbab9d01a40c48e0a6474f928d99dcf476f49e6235c1eb17edb9e1097c04c9ee85af207cef09c556afaf3fb0721311b"
            "2a4912deabcd218407cb53df4d63191cddaff3041071f513dc2c878b125a811a8fadcec96e0c81ef"),
        hex<32>("8277f704e91ab532e2bd5861012bd11c2c7106a7bbf47d3c93b888f82becaf18")};
}

/// The .sfi file a staged part comes from.
inline Bytes sfi_file(const rss::StagedPart& part) {
    Bytes file = part.header;
    file.insert(file.end(), part.records.begin(), part.records.end());
    return file;
}

struct TestArea {
    image::AreaType type;
    std::uint32_t address;
    Bytes plaintext;
    std::uint32_t version = image::kAreaVersion;
};

/// A module in a container of its own, SMI-1, and its license.
struct TestModule {
    std::uint32_t destination = 0x0800'1000;
    Bytes plaintext;
    std::array<std::uint8_t, 16> key = hex<16>("202122232425262728292a2b2c2d2e2f");
    std::array<std::uint8_t, 12> nonce = hex<12>("b0b1b2b3b4b5b6b7b8b9ba00");
    image::License license{.type = image::LicenseType::smi_static};

    /// The .smi file.
    Bytes file() const {
        image::ModuleHeader header;
        header.destination = destination;
        header.size = static_cast<std::uint32_t>(plaintext.size());
        const auto derived = crypto::module_key(key);
        EXPECT_TRUE(derived);
        auto gcm = aes_gcm::Key::make(derived->view());
        EXPECT_TRUE(gcm);
        Bytes cipher(plaintext.size());
        EXPECT_EQ(aes_gcm::seal(*gcm, nonce, image::module_aad(header), plaintext, cipher, header.tag),
                  aes_gcm::Status::ok);
        const auto head = image::serialise(header);
        Bytes all(head.begin(), head.end());
        all.insert(all.end(), cipher.begin(), cipher.end());
        return all;
    }
};

inline Bytes make_license(image::License license, const std::array<std::uint8_t, 16>& key,
                          const std::array<std::uint8_t, 12>& nonce, const rss::Identity& chip) {
    const crypto::PrivateKey ephemeral{
        ByteView(hex<32>("20166b0822ceb5ee1fb3990c68b5d442ff3cea84df6447c0ddbc992e361dc876"))};
    const auto point = crypto::public_key_of(ephemeral);
    EXPECT_TRUE(point);
    license.ephemeral = *point;
    auto bytes = image::serialise(license);
    crypto::FirmwareKey firmware{crypto::Secret<16>{ByteView(key)}, crypto::Secret<12>{ByteView(nonce)}};
    const auto wrapped =
        crypto::wrap_license(ephemeral, ByteView(chip.certificate).subspan(8, 64), chip.certificate, chip.uid,
                             ByteView(bytes).first(image::kLicenseHeaderBytes), firmware);
    EXPECT_TRUE(wrapped);
    license.wrapped_key = wrapped->wrapped;
    license.tag = wrapped->tag;
    bytes = image::serialise(license);
    return {bytes.begin(), bytes.end()};
}

/// An image under construction; every member may be spoilt before build().
struct TestImage {
    image::Header header{.image_version = 7};
    std::vector<TestArea> areas;
    std::array<std::uint8_t, 16> key = hex<16>("101112131415161718191a1b1c1d1e1f");
    std::array<std::uint8_t, 12> nonce = hex<12>("a0a1a2a3a4a5a6a7a8a9aa00");
    image::License license;
    int total_size_off_by = 0;

    TestImage& firmware(std::uint32_t address, Bytes bytes) {
        bytes.resize(align_up<std::size_t>(bytes.size(), 16), 0xFF);
        areas.push_back({image::AreaType::firmware, address, std::move(bytes)});
        return *this;
    }
    TestImage& module(std::uint32_t address, Bytes bytes) {
        areas.push_back({image::AreaType::module, address, std::move(bytes)});
        return *this;
    }
    /// An area of version 2: a whole .smi file under the image's key.
    TestImage& wrapped(const TestModule& module) {
        areas.push_back(
            {image::AreaType::module, module.destination, module.file(), image::kWrappedModuleVersion});
        return *this;
    }
    /// The end of a part and the beginning of the next.
    TestImage& cut(std::uint32_t token_address) {
        header.token_address = token_address;
        header.ram_size = 0x4EFC0;
        areas.push_back({image::AreaType::pause, token_address, {}});
        areas.push_back({image::AreaType::resume, token_address, {}});
        return *this;
    }
    TestImage& options(const image::OptionWords& words) {
        const auto payload = image::serialise(words);
        areas.push_back({image::AreaType::configuration, 0, Bytes(payload.begin(), payload.end())});
        return *this;
    }
    TestImage& hash() {
        Bytes all;
        for (const TestArea& area : areas) {
            if (area.type == image::AreaType::resume) all.clear();  // the hash is of one part
            if (area.type != image::AreaType::firmware) continue;
            std::array<std::uint8_t, 8> head;
            store_le32(head, 0, area.address);
            store_le32(head, 4, static_cast<std::uint32_t>(area.plaintext.size()));
            all.insert(all.end(), head.begin(), head.end());
            all.insert(all.end(), area.plaintext.begin(), area.plaintext.end());
        }
        const auto digest = crypto::sha256(all);
        header.flags |= image::kHashPresent;
        areas.push_back({image::AreaType::hash, 0, Bytes(digest.begin(), digest.end())});
        return *this;
    }

    /// Header, license for `chip` and records, as they are staged.
    rss::StagedPart build(const rss::Identity& chip = annex_a_chip()) const {
        auto made = aes_gcm::Key::make(key);
        EXPECT_TRUE(made);
        const aes_gcm::Key& gcm = *made;

        image::Header h = header;
        if (h.areas == 0) h.areas = static_cast<std::uint32_t>(areas.size());
        h.total_size = image::kHeaderBytes;
        for (const TestArea& area : areas)
            h.total_size += static_cast<std::uint32_t>(image::kRecordHead + area.plaintext.size());
        h.total_size += static_cast<std::uint32_t>(total_size_off_by);
        auto head = image::serialise(h);
        const auto authenticated = ByteView(head).first(image::kHeaderAuthenticated);
        EXPECT_EQ(aes_gcm::seal(gcm, image::area_iv(nonce, 0), authenticated, {}, {}, h.tag),
                  aes_gcm::Status::ok);
        head = image::serialise(h);

        rss::StagedPart part;
        part.header.assign(head.begin(), head.end());
        std::uint32_t index = 0;
        for (const TestArea& area : areas) {
            image::Descriptor d;
            d.type = area.type;
            d.index = ++index;
            d.size = static_cast<std::uint32_t>(area.plaintext.size());
            d.address = area.address;
            d.total = h.areas;
            d.version = area.version;
            Bytes cipher(area.plaintext.size());
            EXPECT_EQ(aes_gcm::seal(gcm, image::area_iv(nonce, d.index), image::area_aad(d, h.tag),
                                    area.plaintext, cipher, d.tag),
                      aes_gcm::Status::ok);
            const auto record = image::serialise(d);
            part.records.insert(part.records.end(), record.begin(), record.end());
            part.records.insert(part.records.end(), cipher.begin(), cipher.end());
        }
        part.license = license_for(chip);
        return part;
    }

    Bytes license_for(const rss::Identity& chip) const { return make_license(license, key, nonce, chip); }
};

/// Records cut behind every P area: what the RSS gets one after the other.
inline std::vector<rss::StagedPart> parts_of(const rss::StagedPart& whole) {
    std::vector<rss::StagedPart> parts;
    std::size_t first = 0;
    for (std::size_t at = 0; at < whole.records.size();) {
        const auto type = load_le32(whole.records, at);
        at += image::kRecordHead + load_le32(whole.records, at + 12);
        if (type != 'P' && at < whole.records.size()) continue;
        const ByteView records = ByteView(whole.records).subspan(first, at - first);
        parts.push_back({whole.header, whole.license, {records.begin(), records.end()}, {}});
        first = at;
    }
    return parts;
}

inline Bytes pattern(std::size_t size, std::uint8_t seed) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(seed + i * 7);
    return bytes;
}

/// A vector table that a secure area may begin with, then a pattern.
inline Bytes startable(std::uint32_t base, std::size_t size) {
    Bytes bytes = pattern(size, 3);
    store_le32(bytes, 0, 0x2001'0000);
    store_le32(bytes, 4, base + 0x101);
    return bytes;
}

/// Option words of an image that ends protected: RDP 1, a secure area over the first 8 Kbytes of bank 1.
inline image::OptionWords closed_options() {
    return {0x17C6'AAF0U - 0xAA00U + 0xBB00U + (1U << 21) + (3U << 19),
            0x0000'00FF,
            0x0000'00FF,
            0x801F'0000,
            0x0000'00FF,
            0x0000'00FF,
            0x0000'00FF,
            0x1FF0'0800,
            0x1000'0810};
}

}  // namespace h7::test
