// Anybody's bytes on the debugger's socket: in any pieces the same packets, and what we frame is read back.
#include "emulator/debug/packet.hpp"
#include "tests/fuzz/check.hpp"

using namespace h7;

namespace {

std::vector<debug::Arrived> read(std::string_view bytes, std::size_t piece) {
    debug::PacketReader reader;
    std::vector<debug::Arrived> all;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        reader.feed(bytes.substr(at, piece));
        while (auto item = reader.next()) all.push_back(std::move(*item));
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto whole = read(bytes, size + 1), pieces = read(bytes, 7);
    for (const debug::Arrived& item : whole) {
        H7_MUST(item.payload.size() <= debug::kPacketSize);
        debug::HexReader in(item.payload);
        while (!in.empty())
            if (!in.number() && !in.take(in.rest().front())) break;
    }
    if (size <= debug::kPacketSize) {  // a longer one may be cut off at different places
        H7_MUST(whole.size() == pieces.size());
        for (std::size_t n = 0; n < whole.size(); ++n)
            H7_MUST(whole[n].kind == pieces[n].kind && whole[n].payload == pieces[n].payload);
        if (size <= debug::kPacketSize / 2) {
            const auto back = read(debug::frame(bytes), size + 1);
            H7_MUST(back.size() == 1 && back[0].kind == debug::Arrived::Kind::packet &&
                    back[0].payload == bytes);
        }
    }
    return 0;
}
