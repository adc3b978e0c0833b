#include "rss/host/package/inspect.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "emulator/base/hex.hpp"
#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/crypto/openssl_sha256.hpp"
#include "rss/crypto/secret.hpp"
#include "rss/host/package/option_guard.hpp"
#include "rss/image/smi.hpp"

namespace h7::package {
namespace {

using image::AreaType;
using image::Container;
using image::Detail;
using image::Record;

char letter(const Record& record) { return static_cast<char>(record.descriptor.type); }

Error wrong(Detail detail, std::size_t offset, std::string what) {
    return misuse(fmt::format("byte 0x{:x}: {}: {}", offset, image::name(detail), what));
}

Result<void> check_header(const Container& container, ByteView file, const aes_gcm::Key& key,
                          ByteView nonce) {
    const auto verified = aes_gcm::verify(key, image::area_iv(nonce, 0),
                                          file.first(image::kHeaderAuthenticated), {}, container.header.tag);
    if (verified) return {};
    return wrong(Detail::E_HDR_TAG, image::kHeaderAuthenticated, std::string(image::text(Detail::E_HDR_TAG)));
}

Result<Bytes> decrypt(const Container& container, const Record& record, const aes_gcm::Key& key,
                      ByteView nonce) {
    Bytes plaintext(record.ciphertext.size());
    const aes_gcm::Status status = aes_gcm::open(key, image::area_iv(nonce, record.descriptor.index),
                                                 image::area_aad(record.descriptor, container.header.tag),
                                                 record.ciphertext, record.descriptor.tag, plaintext);
    if (status == aes_gcm::Status::ok) return plaintext;
    return wrong(Detail::E_AREA_TAG, record.offset,
                 fmt::format("area {} ({}): {}", record.descriptor.index, letter(record),
                             image::text(Detail::E_AREA_TAG)));
}

/// H areas speak of the F areas of their own part.
Result<void> check_hashes(const Container& container, const std::vector<Bytes>& plaintexts) {
    for (const image::Part& part : container.parts) {
        crypto::Sha256 hash;
        for (std::size_t i = part.first; i < part.first + part.count; ++i) {
            const Record& record = container.records[i];
            if (record.descriptor.type == AreaType::firmware) {
                std::array<std::uint8_t, 8> place{};
                store_le32(place, 0, record.descriptor.address);
                store_le32(place, 4, record.descriptor.size);
                hash.update(place).update(plaintexts[i]);
            } else if (record.descriptor.type == AreaType::hash &&
                       !crypto::equal_in_constant_time(hash.finish(), plaintexts[i])) {
                return wrong(Detail::E_HASH, record.offset,
                             fmt::format("area {} (H) is not the hash of the part's firmware",
                                         record.descriptor.index));
            }
        }
    }
    return {};
}

/// An M area of version 2 holds a module file for the area's own address.
Result<void> check_wrapped_modules(const Container& container, const std::vector<Bytes>& plaintexts) {
    for (std::size_t i = 0; i < container.records.size(); ++i) {
        const Record& record = container.records[i];
        if (!record.descriptor.wrapped_module()) continue;
        if (const auto module = image::parse_wrapped_module(record.descriptor, plaintexts[i]); !module)
            return wrong(module.error().detail, record.offset,
                         fmt::format("area {} (M): {}", record.descriptor.index, module.error().what));
    }
    return {};
}

bool has_module(const Container& container) {
    for (const Record& record : container.records)
        if (record.descriptor.type == AreaType::module) return true;
    return false;
}

bool has_configuration(const Container& container) {
    return container.records.back().descriptor.type == AreaType::configuration;
}

constexpr std::string_view kOurs = "SFI-1, this project's own: ST never published its .sfi bytes";

/// READABLE, closed, or what only the key can tell.
std::string_view readable_text(const Container& container, const Opened* opened) {
    if (opened == nullptr && has_configuration(container)) return "unknown without the key";
    const bool readable = opened != nullptr ? opened->readable : leaves_readable({}, has_module(container));
    return readable ? "READABLE: RDP 0 and no protected area (D-33)" : "protected";
}

/// The firmware of the image, as the guard's consequences want it.
std::vector<Content> contents_of(const Container& container) {
    std::vector<Content> contents;
    for (const Record& record : container.records) {
        if (record.descriptor.type != AreaType::firmware && record.descriptor.type != AreaType::module)
            continue;
        contents.push_back({record.descriptor.type, record.descriptor.address, Bytes(record.descriptor.size),
                            "", record.descriptor.version});
    }
    return contents;
}

}  // namespace

Result<Opened> verify(const Container& container, ByteView file, ByteView key_bytes, ByteView nonce) {
    if (nonce.size() != 12) return misuse(fmt::format("the nonce has 12 bytes, not {}", nonce.size()));
    if (key_bytes.size() != 16)
        return misuse(fmt::format("the firmware key has 16 bytes, not {}", key_bytes.size()));
    const aes_gcm::Key key = TRY(aes_gcm::Key::make(key_bytes));
    TRY(check_header(container, file, key, nonce));
    Opened opened;
    for (const Record& record : container.records)
        opened.plaintexts.push_back(TRY(decrypt(container, record, key, nonce)));
    TRY(check_hashes(container, opened.plaintexts));
    TRY(check_wrapped_modules(container, opened.plaintexts));
    if (has_configuration(container)) {
        const auto words = image::parse_option_payload(opened.plaintexts.back());
        if (!words)
            return wrong(words.error().detail, container.records.back().offset,
                         fmt::format("area {} (C): {}", container.records.back().descriptor.index,
                                     words.error().what));
        opened.options = *words;
    }
    opened.readable = leaves_readable(opened.options, has_module(container));
    return opened;
}

std::vector<Check> checks_of(const Container& container, const Opened& opened) {
    const image::Header& header = container.header;
    std::vector<Check> checks = {
        {"header: magic, versions, device", "ok"},
        {fmt::format("sizes: {} bytes, {} areas", header.total_size, header.areas), "ok"},
        {fmt::format("order: {} part{}", container.parts.size(), container.parts.size() == 1 ? "" : "s"),
         "ok"},
        {"overlap and place of every area", "ok"},
        {"header tag", "ok"},
    };
    for (std::size_t i = 0; i < container.records.size(); ++i) {
        const Record& record = container.records[i];
        const image::Descriptor& area = record.descriptor;
        const std::string what = fmt::format("area {}/{} {} tag, {} bytes at 0x{:08X}", area.index,
                                             area.total, letter(record), area.size, area.address);
        const bool hash = area.type == AreaType::hash;
        checks.push_back({what, hash ? "ok, and is the hash of the part's firmware"
                                : area.wrapped_module()
                                    ? "ok; the module inside needs its own key (smi verify)"
                                    : "ok"});
    }
    if (opened.options) checks.push_back({"option words: padding", "ok"});
    checks.push_back({"after the install", std::string(readable_text(container, &opened))});
    return checks;
}

std::string describe(const Container& container, const Opened* opened) {
    const image::Header& header = container.header;
    std::string text = fmt::format(
        "SFI container : {}\n"
        "SFI header information :\n"
        "  SFI protocol version : {}\n"
        "  SFI total number of areas : {}\n"
        "  SFI image version : {}\n",
        kOurs, image::kProtocolVersion, header.areas, header.image_version);
    for (const Record& record : container.records) {
        const image::Descriptor& area = record.descriptor;
        text += fmt::format(
            "Parsing Area {}/{} :\n"
            "  Area type : {}\n"
            "  Area size : {}\n"
            "  Area destination address : 0x{:X}\n",
            area.index, area.total, letter(record), area.size, area.address);
        if (area.wrapped_module()) text += "  Module : SMI-1, opens with a license of its own\n";
    }
    text += "Parsed File SUCCESS\n";
    if (container.parts.size() > 1) text += fmt::format("Parts : {}\n", container.parts.size());
    text += fmt::format("Tags : {}\n",
                        opened == nullptr ? "not checked (give the key and the nonce)" : "all match");
    text += fmt::format("After the install : {}\n", readable_text(container, opened));
    if (opened == nullptr || !opened->options) return text;
    for (std::size_t row = 0; row < image::kOptionRows; ++row)
        text += fmt::format("  {} : 0x{:08X}\n", image::option_row_name(row), (*opened->options)[row]);
    for (const std::string& line : consequences(*opened->options, contents_of(container)))
        text += fmt::format("  {}\n", line);
    return text;
}

nlohmann::ordered_json describe_json(const Container& container, const Opened* opened) {
    const image::Header& header = container.header;
    nlohmann::ordered_json json = {
        {"container", "SFI-1"},
        {"protocol_version", image::kProtocolVersion},
        {"areas_total", header.areas},
        {"image_version", header.image_version},
        {"total_size", header.total_size},
        {"device_id", header.device_id},
        {"flags", header.flags},
        {"ram_size", header.ram_size},
        {"token_address", header.token_address},
        {"firmware_id", to_hex(header.firmware_id)},
        {"parts", container.parts.size()},
        {"tags_checked", opened != nullptr},
        {"after_install", readable_text(container, opened)},
        {"areas", nlohmann::ordered_json::array()},
    };
    for (const Record& record : container.records) {
        const image::Descriptor& area = record.descriptor;
        json["areas"].push_back({{"index", area.index},
                                 {"type", std::string(1, letter(record))},
                                 {"size", area.size},
                                 {"address", area.address},
                                 {"version", area.version},
                                 {"offset", record.offset}});
    }
    if (opened != nullptr && opened->options) {
        nlohmann::ordered_json words = nlohmann::ordered_json::object();
        for (std::size_t row = 0; row < image::kOptionRows; ++row)
            words[std::string(image::option_row_name(row))] = (*opened->options)[row];
        json["option_words"] = words;
        json["consequences"] = consequences(*opened->options, contents_of(container));
    }
    return json;
}

}  // namespace h7::package
