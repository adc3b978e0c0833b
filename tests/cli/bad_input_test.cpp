// Bad input: each case is one line that names file, place and reason, the right exit code, and nothing
// changed on disk.
#include "command.hpp"

namespace h7::test {
namespace {

class BadInput : public CommandLine {};

TEST_F(BadInput, Misuse) {
    refuses({}, 2, {"--help"});
    refuses({"frobnicate"}, 2, {"frobnicate"});
    refuses({"chip"}, 2, {"h7rss chip --help"});
    refuses({"chip", "show"}, 2, {"chip", "h7rss chip show --help"});
    refuses({"chip", "show", "a.h7", "--frobnicate"}, 2, {"--frobnicate"});
    refuses({"chip", "new", "a.h7", "--seed", "seven"}, 2, {"--seed"});
    refuses({"chip", "new", "a.h7", "--part", "STM32F407"}, 2, {"STM32F407", "STM32H755"});
}

TEST_F(BadInput, AnEmptyValueIsNotTheSameAsNone) {
    works({"chip", "new", "a.h7", "--seed", "1"});
    for (const char* option : {"--limit", "--host-limit", "--chip", "--m7", "--m4", "--part", "--uart",
                               "--trace", "--until-output", "--fail-output", "--seed", "--reading"})
        refuses({"run", option, ""}, 2, {option, "the value is empty", "h7rss run --help"});
    for (const char* option : {"--turn", "--boot0"})
        refuses({"run", option, ""}, 2, {option, "not in range", "h7rss run --help"});
    refuses({"run", "--limit="}, 2, {"--limit"});
    refuses({"chip", "show", ""}, 2, {"chip: the value is empty"});
    refuses({"chip", "new", "b.h7", "--ca", ""}, 2, {"--ca: the value is empty"});
    refuses({"ob", "set", "a.h7", ""}, 2, {"the value is empty"});
}

TEST_F(BadInput, AnOptionIsNotTheValueOfTheOneBefore) {
    works({"chip", "new", "a.h7", "--seed", "1"});
    const std::vector<std::vector<std::string>> forgotten = {
        {"run", "--m7", "--m4", "b.elf"},      {"run", "--chip", "--strict"},
        {"run", "--uart", "--trace", "t"},     {"chip", "new", "b.h7", "--part", "--seed", "1"},
        {"sfi", "pack", "--output", "--json"}, {"license", "issue", "--hsm", "--json"},
    };
    for (const auto& words : forgotten) {
        const auto option =
            std::ranges::find_if(words, [](const std::string& word) { return word.starts_with("--"); });
        refuses(words, 2, {*option, "the value is missing: '" + *std::next(option) + "' is an option"});
    }
    // With a value of its own, or by its short name: an output would have been written to a file of that
    // name.
    refuses({"run", "--m7", "--m4=b.elf"}, 2, {"--m7: the value is missing: '--m4' is an option"});
    refuses({"sfi", "keygen", "--key", "--nonce=n.bin"}, 2, {"--key", "'--nonce' is an option"});
    refuses({"chip", "certificate", "a.h7", "-o", "--json=true"}, 2, {"--output", "'--json' is an option"});
    refuses({"chip", "certificate", "a.h7", "--output", "-h"}, 2, {"--output", "'-h' is an option"});
    refuses({"license", "issue", "--hsm", "-o", "a.lic"}, 2, {"--hsm", "'-o' is an option"});
    write("--m4", "no program");
    refuses({"run", "--m7", "./--m4"}, 2, {"./--m4"});
}

TEST_F(BadInput, NumbersThatAreNone) {
    for (const char* seed : {"-1", "99999999999999999999", "010", "0x", "1.5", "7 ", "0x1g"}) {
        refuses({"chip", "new", "a.h7", "--seed", seed}, 2, {"--seed", seed, "18446744073709551615"});
        refuses({"run", "--seed", seed}, 2, {"--seed", seed, "write 7 or 0x7"});
    }
    refuses({"run", "--turn", "-1"}, 2, {"--turn", "-1"});
    works({"chip", "new", "a.h7", "--seed", "18446744073709551615"});
    works({"chip", "new", "b.h7", "--seed", "0xFFFFFFFFFFFFFFFF"});
    EXPECT_EQ(works({"chip", "certificate", "a.h7"}), works({"chip", "certificate", "b.h7"}));
}

TEST_F(BadInput, WithJsonTheRefusalIsAnObject) {  // refuses() compares it with the line
    refuses({"chip", "show", "none.h7", "--json"}, 2, {"none.h7", "No such file"});
    refuses({"chip", "show", "--json", "--frobnicate"}, 2, {"chip"});
    refuses({"frobnicate", "--json"}, 2, {"frobnicate"});
    refuses({"run", "--json", "--limit", "long"}, 2, {"--limit long"});
    refuses({"run", "--json", "--m7", "none.elf"}, 2, {"none.elf"});
    refuses({"explain", "none.h7", "0", "--json"}, 2, {"none.h7"});
    works({"chip", "new", "a.h7"});
    works({"ob", "set", "a.h7", "RDP=0xBB"});
    refuses({"ob", "set", "a.h7", "RDP=0x", "--json"}, 2, {"RDP"});
}

TEST_F(BadInput, ChipFileThatIsMissing) {
    for (const char* verb : {"show", "certificate", "reset"})
        refuses({"chip", verb, "none.h7"}, 2, {"none.h7", "No such file"});
    refuses({"chip", "copy", "none.h7", "b.h7"}, 2, {"none.h7", "No such file"});
    refuses({"ob", "show", "none.h7"}, 2, {"none.h7", "No such file"});
}

TEST_F(BadInput, ChipFileThatIsNone) {
    write("text.h7", "this is no chip\n");
    write("empty.h7", "");
    for (const char* name : {"text.h7", "empty.h7"})
        for (const char* verb : {"show", "certificate", "reset"})
            refuses({"chip", verb, name}, 2, {name, "not a chip file"});
    refuses({"chip", "show", "."}, 2, {".", "not a chip file"});
}

TEST_F(BadInput, ChipFileOfANewerVersion) {
    works({"chip", "new", "a.h7"});
    Bytes bytes = read("a.h7");
    bytes[63] = 3;  // PRAGMA user_version lives at bytes 60-63 of an SQLite file
    write("a.h7", bytes);
    refuses({"chip", "show", "a.h7"}, 2, {"a.h7: chip file of version 3"});
}

TEST_F(BadInput, ChipFileCutShort) {
    works({"chip", "new", "a.h7"});
    const Bytes whole = read("a.h7");
    for (const std::size_t size :
         {whole.size() - 1, whole.size() - 4096, whole.size() / 2, std::size_t{100}}) {
        write("cut.h7", ByteView(whole).first(size));
        refuses({"chip", "show", "cut.h7"}, 2, {"cut.h7"});
        refuses({"chip", "reset", "cut.h7"}, 2, {"cut.h7"});
    }
}

TEST_F(BadInput, ChipFileThatExistsIsNeverReplaced) {
    works({"chip", "new", "a.h7"});
    refuses({"chip", "new", "a.h7"}, 2, {"a.h7: exists already"});
    refuses({"chip", "new", "no/such/dir.h7"}, 2, {"no/such/dir.h7", "cannot create"});
}

TEST_F(BadInput, CertificateAuthorityKey) {
    write("ca.bin", Bytes(31, 1));
    refuses({"chip", "new", "a.h7", "--ca", "ca.bin"}, 2, {"ca.bin: no CA key"});
    refuses({"chip", "new", "a.h7", "--ca", "none.bin"}, 2, {"none.bin: cannot open"});
}

}  // namespace
}  // namespace h7::test
