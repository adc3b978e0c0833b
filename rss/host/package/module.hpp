// SMI modules: packing, opening, and what they say of themselves (rss-sfi-bootloader.md 4.10).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "rss/host/package/segments.hpp"
#include "rss/image/smi.hpp"

namespace h7::package {

struct ModuleRecipe {
    std::vector<Segment> pieces;  // gaps between them are filled
    Bytes key, nonce;             // 16 and 12 bytes; never those of an image
    std::array<std::uint32_t, 4> security_version{};
    std::uint8_t padding = 0xFF;
    bool insecure_test = false;  // zero keys and any nonce, for vectors
};

/// An .smi file. The module begins at the 256-byte block of its first byte and ends at 16 bytes. Errors
/// (misuse): no bytes; pieces that overlap (both named) or lie outside user flash; more than 512 KB; a
/// protected area that would leave its bank; a key or nonce as in pack(). The caller claims the nonce. Same
/// recipe, same bytes.
Result<Bytes> pack_module(const ModuleRecipe& recipe);

/// The plaintext, after its tag was right. Errors (misuse): a key or nonce of a wrong length, the tag.
Result<Bytes> open_module(const image::Module& module, ByteView key, ByteView nonce);

/// What an .smi says without its key; `checked`: its tag was right.
std::string describe(const image::Module& module, bool checked);
nlohmann::ordered_json describe_json(const image::Module& module, bool checked);

}  // namespace h7::package
