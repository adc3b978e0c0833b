// Who programmed a flash word first after its last erase (D-12). Silicon keeps no such memory: the model
// does, so that an ECC error can be explained. "Programmed" begins with the first store into the write
// buffer: its instruction and its time are kept, not those of the store that completes the word.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "emulator/fabric/access.hpp"
#include "emulator/fabric/state.hpp"

namespace h7::flash {

struct FirstWriter {
    enum class Origin : std::uint8_t {
        unknown,     // an imported dump, a fault injection, a chip file of version 1
        store,       // a master of the chip, at `when`
        programmer,  // the host, before power-on (D-31)
    };
    /// No instruction stands at an odd address: not a core, or a core whose ST code runs natively.
    static constexpr Address kNoPc = 0xFFFF'FFFF;

    Time when = 0;       // virtual time since the power-on of that run
    Address pc = kNoPc;  // as the core fetched it: a visible address
    Master master = Master::cm7;
    Context context = Context::application;
    Origin origin = Origin::unknown;

    bool known() const { return origin != Origin::unknown; }
    friend bool operator==(const FirstWriter&, const FirstWriter&) = default;
};

/// "CM4 (application), the store at pc 0x08101234, 1500000 ps after power-on"; "not known".
std::string text_of(const FirstWriter& who);

/// One FirstWriter a flash word, in pages that exist only where somebody wrote: a blank chip has none.
class FirstWriters {
public:
    static constexpr std::size_t kPage = 128;       // flash words: 4 Kbytes of flash
    static constexpr std::size_t kEntryBytes = 16;  // stored: pc, master, context, origin, 0, when

    FirstWriter of(std::size_t word) const;
    void set(std::size_t word, const FirstWriter& who);
    void forget(std::size_t first, std::size_t count);
    /// Nobody wrote any of these words.
    bool none(std::size_t first, std::size_t count) const;
    /// Words from `words` on do not exist.
    void limit(std::size_t words);

    /// Page `n` as bytes for a file: empty when nobody wrote there.
    Bytes page(std::size_t n) const;
    /// The opposite. False: not the bytes of a page.
    bool set_page(std::size_t n, ByteView bytes);
    std::size_t pages() const { return pages_.size(); }

    void save(StateWriter& out) const;
    void load(StateReader& in, std::size_t words);

    friend bool operator==(const FirstWriters& a, const FirstWriters& b);

private:
    std::vector<std::vector<FirstWriter>> pages_;  // each empty, or kPage entries
};

}  // namespace h7::flash
