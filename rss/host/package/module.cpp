#include "rss/host/package/module.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/bits.hpp"
#include "rss/crypto/aes_gcm/aes_gcm.hpp"
#include "rss/crypto/module_key.hpp"
#include "rss/host/package/pack.hpp"

namespace h7::package {
namespace {

/// The pieces as one block of bytes from a 256-byte boundary on.
Result<Content> one_block(const ModuleRecipe& recipe) {
    const std::vector<Segment> pieces = TRY(sorted(recipe.pieces));
    if (pieces.empty()) return misuse("nothing to pack: give the module (-fir)");
    const Segment &first = pieces.front(), &last = pieces.back();
    const std::uint32_t begin = align_down(first.address, image::kModuleAlignment);
    const std::uint64_t size = align_up<std::uint64_t>(last.address - begin + last.bytes.size(), 16);
    if (size > image::kMaxModuleBytes)
        return misuse(
            fmt::format("{} to {}: {} bytes from first to last; a module has at most 512 KB (E_SIZE)",
                        where(first), where(last), size));
    Content module{image::AreaType::module, begin, Bytes(size, recipe.padding), first.origin};
    for (const Segment& piece : pieces)
        std::ranges::copy(piece.bytes,
                          module.bytes.begin() + static_cast<std::ptrdiff_t>(piece.address - begin));
    return module;
}

Result<aes_gcm::Key> key_of(ByteView firmware_key, ByteView nonce) {
    if (firmware_key.size() != 16)
        return misuse(fmt::format("the firmware key has 16 bytes, not {}", firmware_key.size()));
    if (nonce.size() != 12) return misuse(fmt::format("the nonce has 12 bytes, not {}", nonce.size()));
    const crypto::Secret<16> key = TRY(crypto::module_key(firmware_key));
    return aes_gcm::Key::make(key.view());
}

std::string version_text(const image::ModuleHeader& header) {
    const auto& v = header.security_version;
    return fmt::format("{}.{}.{}.{}", v[0], v[1], v[2], v[3]);
}

}  // namespace

Result<Bytes> pack_module(const ModuleRecipe& recipe) {
    TRY(check_secrets(recipe.key, recipe.nonce, recipe.insecure_test));
    const Content content = TRY(one_block(recipe));
    image::ModuleHeader header{
        content.address, static_cast<std::uint32_t>(content.bytes.size()), {}, recipe.security_version};
    // The reader's own rules: range, bank.
    if (const auto parsed = image::parse_module_header(image::serialise(header)); !parsed)
        return misuse(fmt::format("{}: {}: {}", content.origin, image::name(parsed.error().detail),
                                  parsed.error().what));
    const aes_gcm::Key key = TRY(key_of(recipe.key, recipe.nonce));
    Bytes file(image::kModuleHeaderBytes + content.bytes.size());
    const aes_gcm::Status status =
        aes_gcm::seal(key, recipe.nonce, image::module_aad(header), content.bytes,
                      MutableBytes(file).subspan(image::kModuleHeaderBytes), header.tag);
    assert(status == aes_gcm::Status::ok);  // every length was made here
    static_cast<void>(status);
    std::ranges::copy(image::serialise(header), file.begin());
    return file;
}

Result<Bytes> open_module(const image::Module& module, ByteView firmware_key, ByteView nonce) {
    const aes_gcm::Key key = TRY(key_of(firmware_key, nonce));
    Bytes plaintext(module.ciphertext.size());
    if (aes_gcm::open(key, nonce, image::module_aad(module.header), module.ciphertext, module.header.tag,
                      plaintext) != aes_gcm::Status::ok)
        return misuse(
            "byte 0x10: E_AREA_TAG: the module's tag does not match: another key or nonce, or a changed "
            "byte");
    return plaintext;
}

std::string describe(const image::Module& module, bool checked) {
    const image::ModuleHeader& header = module.header;
    return fmt::format(
        "SMI container : SMI-1, this project's own: ST never published all bytes of its .smi\n"
        "SMI header information :\n"
        "  SMI module destination address : 0x{:X}\n"
        "  SMI module size : {}\n"
        "  SMI security version : {}\n"
        "  SMI protected area : {}\n"
        "Parsed File SUCCESS\n"
        "Tag : {}\n",
        header.destination, header.size, version_text(header), image::to_string(header.extent()),
        checked ? "matches" : "not checked (give the key and the nonce)");
}

nlohmann::ordered_json describe_json(const image::Module& module, bool checked) {
    const image::ModuleHeader& header = module.header;
    return {{"container", "SMI-1"},
            {"address", header.destination},
            {"size", header.size},
            {"security_version", header.security_version},
            {"protected_area", image::to_string(header.extent())},
            {"tags_checked", checked}};
}

}  // namespace h7::package
