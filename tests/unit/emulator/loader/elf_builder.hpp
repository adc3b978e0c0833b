// Small ELF files made byte by byte, so that a test can put one thing wrong.
#pragma once

#include <elf.h>

#include <cstring>
#include <string>

#include "emulator/base/bytes.hpp"

namespace h7::test {

struct ElfSegment {
    std::uint32_t physical = 0;
    Bytes contents;
    std::uint32_t virtual_address = 0;
    std::uint32_t type = PT_LOAD;
};

struct ElfSymbol {
    std::string name;
    std::uint32_t value = 0;
    std::uint32_t size = 0;
    std::uint8_t type = STT_FUNC;
};

/// Header, program headers, contents, then (when there are symbols) .symtab, .strtab and section headers.
inline Bytes make_elf(const std::vector<ElfSegment>& segments, const std::vector<ElfSymbol>& symbols = {},
                      std::uint32_t entry = 0x0800'0101) {
    Bytes file(sizeof(Elf32_Ehdr) + segments.size() * sizeof(Elf32_Phdr));
    Elf32_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS32;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_ARM;
    header.e_version = EV_CURRENT;
    header.e_entry = entry;
    header.e_phoff = segments.empty() ? 0 : sizeof(Elf32_Ehdr);
    header.e_ehsize = sizeof(Elf32_Ehdr);
    header.e_phentsize = sizeof(Elf32_Phdr);
    header.e_phnum = static_cast<std::uint16_t>(segments.size());
    const auto append = [&](const void* data, std::size_t size) {
        const auto at = file.size();
        file.resize(at + size);
        if (size != 0) std::memcpy(file.data() + at, data, size);
        return static_cast<std::uint32_t>(at);
    };
    for (std::size_t i = 0; i < segments.size(); ++i) {
        Elf32_Phdr program{};
        program.p_type = segments[i].type;
        program.p_offset = append(segments[i].contents.data(), segments[i].contents.size());
        program.p_paddr = segments[i].physical;
        program.p_vaddr = segments[i].virtual_address;
        program.p_filesz = program.p_memsz = static_cast<std::uint32_t>(segments[i].contents.size());
        std::memcpy(file.data() + header.e_phoff + i * sizeof program, &program, sizeof program);
    }
    if (!symbols.empty()) {
        std::string names(1, '\0');
        std::vector<Elf32_Sym> table(1);
        for (const ElfSymbol& symbol : symbols) {
            Elf32_Sym entry32{};
            entry32.st_name = static_cast<std::uint32_t>(names.size());
            entry32.st_value = symbol.value;
            entry32.st_size = symbol.size;
            entry32.st_info = static_cast<unsigned char>(ELF32_ST_INFO(STB_GLOBAL, symbol.type));
            entry32.st_shndx = SHN_ABS;
            table.push_back(entry32);
            names += symbol.name + '\0';
        }
        while (file.size() % 4 != 0) file.push_back(0);
        Elf32_Shdr sections[3]{};
        sections[1].sh_type = SHT_SYMTAB;
        sections[1].sh_offset = append(table.data(), table.size() * sizeof(Elf32_Sym));
        sections[1].sh_size = static_cast<std::uint32_t>(table.size() * sizeof(Elf32_Sym));
        sections[1].sh_entsize = sizeof(Elf32_Sym);
        sections[1].sh_link = 2;
        sections[2].sh_type = SHT_STRTAB;
        sections[2].sh_offset = append(names.data(), names.size());
        sections[2].sh_size = static_cast<std::uint32_t>(names.size());
        while (file.size() % 4 != 0) file.push_back(0);
        header.e_shoff = append(sections, sizeof sections);
        header.e_shentsize = sizeof(Elf32_Shdr);
        header.e_shnum = 3;
    }
    std::memcpy(file.data(), &header, sizeof header);
    return file;
}

}  // namespace h7::test
