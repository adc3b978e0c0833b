// ELF through libelf. The file is hostile: everything libelf hands out that is an offset or a length is
// checked against the file before use.
#include <fmt/format.h>
#include <libelf.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "emulator/loader/loader.hpp"

namespace h7::loader {
namespace {

/// A structure libelf points to. It may lie at any byte: the offsets in the file are the file's own.
template <class T>
T copy_of(const T* there) {
    T here;
    std::memcpy(&here, static_cast<const void*>(there), sizeof here);
    return here;
}

struct EndElf {
    void operator()(Elf* elf) const { elf_end(elf); }
};
using ElfHandle = std::unique_ptr<Elf, EndElf>;

/// The identification bytes and the two header fields that decide whether this is a program for a Cortex-M at
/// all. Done by hand, before libelf sees the file.
Result<void> check_identity(ByteView file, std::string_view path) {
    if (file.size() < 4 || file[0] != 0x7F || file[1] != 'E' || file[2] != 'L' || file[3] != 'F')
        return misuse(fmt::format("{}: no ELF file: its first bytes are not 7F 45 4C 46", path));
    if (file.size() < sizeof(Elf32_Ehdr))
        return misuse(fmt::format("{}: truncated: {} bytes, an ELF header alone has {}", path, file.size(),
                                  sizeof(Elf32_Ehdr)));
    if (file[EI_CLASS] != ELFCLASS32)
        return misuse(fmt::format("{}: {} ELF; the Cortex-M needs a 32-bit one (arm-none-eabi-gcc)", path,
                                  file[EI_CLASS] == ELFCLASS64 ? "a 64-bit" : "an unknown class of"));
    if (file[EI_DATA] != ELFDATA2LSB)
        return misuse(fmt::format("{}: not little-endian; the STM32H7 is (drop -mbig-endian)", path));
    const auto type = load_le<std::uint16_t>(file.data() + 16),
               machine = load_le<std::uint16_t>(file.data() + 18);
    if (machine != EM_ARM)
        return misuse(fmt::format("{}: built for ELF machine {}, not for ARM ({})", path, machine, EM_ARM));
    if (type == ET_REL) return misuse(fmt::format("{}: an object file that is not linked yet", path));
    if (type != ET_EXEC)
        return misuse(fmt::format("{}: ELF type {}; a linked executable (2) is needed", path, type));
    const auto entry_size = load_le<std::uint16_t>(file.data() + 42);
    if (load_le<std::uint16_t>(file.data() + 44) != 0 && entry_size != sizeof(Elf32_Phdr))
        return misuse(fmt::format("{}: program headers of {} bytes; an ELF32 file has {}", path, entry_size,
                                  sizeof(Elf32_Phdr)));
    return {};
}

Result<std::vector<Segment>> read_segments(Elf* elf, ByteView file, std::string_view path) {
    std::size_t count = 0;
    if (elf_getphdrnum(elf, &count) != 0 || count > file.size() / sizeof(Elf32_Phdr))
        return misuse(fmt::format("{}: truncated: the program headers lie outside the file", path));
    const Elf32_Phdr* headers = count == 0 ? nullptr : elf32_getphdr(elf);
    if (count != 0 && headers == nullptr)
        return misuse(fmt::format("{}: truncated: the program headers lie outside the file", path));

    std::vector<Segment> pieces;
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const Elf32_Phdr header = copy_of(reinterpret_cast<const Elf32_Phdr*>(
            reinterpret_cast<const char*>(headers) + i * sizeof(Elf32_Phdr)));
        if (header.p_type != PT_LOAD || header.p_filesz == 0) continue;
        if (std::uint64_t{header.p_offset} + header.p_filesz > file.size())
            return misuse(fmt::format("{}: truncated: segment {} ends at byte {}, the file at {}", path, i,
                                      std::uint64_t{header.p_offset} + header.p_filesz, file.size()));
        if (std::uint64_t{header.p_paddr} + header.p_filesz > std::uint64_t{1} << 32)
            return misuse(fmt::format("{}: segment {} at 0x{:08X} ends beyond the 32-bit address space", path,
                                      i, header.p_paddr));
        total += header.p_filesz;
        if (total > kLargestProgram)
            return misuse(fmt::format("{}: segments of more than {} bytes", path, kLargestProgram));
        const ByteView bytes = file.subspan(header.p_offset, header.p_filesz);
        pieces.push_back({header.p_paddr, Bytes(bytes.begin(), bytes.end()), fmt::format("segment {}", i)});
    }
    if (pieces.empty())
        return misuse(fmt::format("{}: nothing to load: no PT_LOAD segment has contents", path));
    return assemble(path, std::move(pieces));
}

/// Symbols are a help for people: a damaged table gives fewer of them, never a refusal.
std::vector<Symbol> read_symbols(Elf* elf) {
    std::vector<Symbol> symbols;
    std::size_t names = 0;  // many symbols may share one long name: bound what copies of it can cost
    for (Elf_Scn* section = nullptr; (section = elf_nextscn(elf, section)) != nullptr;) {
        const Elf32_Shdr* there = elf32_getshdr(section);
        if (there == nullptr) continue;
        const Elf32_Shdr header = copy_of(there);
        if (header.sh_type != SHT_SYMTAB) continue;
        const Elf_Data* data = elf_getdata(section, nullptr);
        if (data == nullptr || data->d_buf == nullptr) continue;
        const auto* bytes = static_cast<const std::uint8_t*>(data->d_buf);
        for (std::size_t at = 0; at + sizeof(Elf32_Sym) <= data->d_size; at += sizeof(Elf32_Sym)) {
            Elf32_Sym symbol;
            std::memcpy(&symbol, bytes + at, sizeof symbol);
            const unsigned type = ELF32_ST_TYPE(symbol.st_info);
            if (symbol.st_shndx == SHN_UNDEF ||
                (type != STT_FUNC && type != STT_OBJECT && type != STT_NOTYPE))
                continue;
            const char* name = elf_strptr(elf, header.sh_link, symbol.st_name);
            if (name == nullptr || *name == '\0' || *name == '$') continue;
            names += std::strlen(name);
            if (names > kLargestProgram) break;
            const bool function = type == STT_FUNC;
            const Address address = function ? symbol.st_value & ~Address{1} : symbol.st_value;
            symbols.push_back({name, address, symbol.st_size, function});
        }
    }
    std::sort(symbols.begin(), symbols.end(), [](const Symbol& a, const Symbol& b) {
        return a.address != b.address ? a.address < b.address : a.name < b.name;
    });
    return symbols;
}

}  // namespace

Result<Program> parse_elf(ByteView file, std::string_view path) {
    TRY(check_identity(file, path));
    if (elf_version(EV_CURRENT) == EV_NONE) return misuse("the installed libelf is older than its header");
    Bytes copy(file.begin(), file.end());  // libelf wants memory it may change
    const ElfHandle elf(elf_memory(reinterpret_cast<char*>(copy.data()), copy.size()));
    if (!elf || elf_kind(elf.get()) != ELF_K_ELF || elf32_getehdr(elf.get()) == nullptr)
        return misuse(fmt::format("{}: damaged ELF header: {}", path, elf_errmsg(-1)));
    Program program{
        .path = std::string(path), .format = Format::elf, .segments = {}, .entry = {}, .symbols = {}};
    program.segments = TRY(read_segments(elf.get(), file, path));
    program.entry = copy_of(elf32_getehdr(elf.get())).e_entry;
    program.symbols = read_symbols(elf.get());
    return program;
}

}  // namespace h7::loader
