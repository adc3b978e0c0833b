// --json: one object of the schema in docs/json-schema.json from every verb that has it (docs/json.md).
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "command.hpp"
#include "files.hpp"

namespace h7::test {
namespace {

using nlohmann::json;

bool has_type(const json& value, const std::string& type) {
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    return type == value.type_name();  // object, array, string, boolean, null
}

/// The part of JSON Schema that the file uses. "": fits; else where it does not.
std::string why_not(const json& schema, const json& value, const std::string& at) {
    if (schema.contains("const") && value != schema["const"]) return at + ": not " + schema["const"].dump();
    if (schema.contains("type")) {
        bool fits = false;
        for (const json& type : schema["type"].is_array() ? schema["type"] : json::array({schema["type"]}))
            fits = fits || has_type(value, type);
        if (!fits) return at + ": not " + schema["type"].dump() + ": " + value.dump();
    }
    if (value.is_object()) {
        for (const json& name : schema.value("required", json::array()))
            if (!value.contains(name)) return at + ": no " + name.dump();
        for (const auto& [name, member] : value.items()) {
            const json known = schema.value("properties", json::object());
            const json rule =
                known.contains(name) ? known[name] : schema.value("additionalProperties", json::object());
            if (std::string wrong = why_not(rule, member, at + "." + name); !wrong.empty()) return wrong;
        }
    }
    if (value.is_array() && schema.contains("items"))
        for (const json& item : value)
            if (std::string wrong = why_not(schema["items"], item, at + "[]"); !wrong.empty()) return wrong;
    return "";
}

class JsonOutput : public CommandLineWithInputs {
protected:
    void SetUp() override {
        CommandLineWithInputs::SetUp();
        std::ifstream file(H7RSS_SOURCE_DIR "/docs/json-schema.json");
        definitions_ = json::parse(file)["definitions"];
        write("module.bin", Bytes(600, 1));
    }
    /// Runs a verb of one or two words; its object.
    json told(std::vector<std::string> arguments, int exit = 0) {
        std::string verb = arguments[0];
        if (arguments.size() > 1 && definitions_.contains(verb + " " + arguments[1]))
            verb += " " + arguments[1];
        else if (arguments.size() > 2 &&
                 definitions_.contains(verb + " " + arguments[1] + " " + arguments[2]))
            verb += " " + arguments[1] + " " + arguments[2];
        seen_.insert(verb);
        arguments.emplace_back("--json");
        const json object = json::parse(works(arguments, exit), nullptr, false);
        EXPECT_EQ(object.value("verb", ""), verb);
        EXPECT_EQ(why_not(definitions_.value(verb, json{{"const", "nothing"}}), object, verb), "");
        return object;
    }
    /// Verbs below `path` whose help offers --json.
    void offered(std::vector<std::string> path, std::set<std::string>& into) const {
        auto ask = path;
        ask.emplace_back("--help");
        std::istringstream help(works(ask));
        std::string line;
        bool below = false;
        while (std::getline(help, line)) {
            if (line.find("--json") != std::string::npos && line.find("print JSON") != std::string::npos) {
                std::string name;
                for (const std::string& word : path) name += (name.empty() ? "" : " ") + word;
                into.insert(name);
            }
            if (line.starts_with("Subcommands:"))
                below = true;
            else if (below && line.starts_with("  ") && line.size() > 2 && line[2] != ' ') {
                auto deeper = path;
                deeper.push_back(line.substr(2, line.find(' ', 2) - 2));
                offered(deeper, into);
            }
        }
    }

    json definitions_;
    std::set<std::string> seen_;
};

TEST_F(JsonOutput, EveryVerbKeepsToTheSchema) {
    told({"chip", "new", "a.h7"});
    told({"chip", "new", "g.h7", "--part", "H743"});
    const std::string uid = told({"chip", "certificate", "a.h7", "-o", "cert.bin"})["uid"];
    told({"chip", "show", "a.h7"});
    told({"chip", "copy", "a.h7", "b.h7"});
    told({"ob", "set", "b.h7", "BOR_LEV=2"});
    told({"ob", "show", "g.h7"});
    told({"ob", "diff", "a.h7", "b.h7"});
    told({"ob", "explain", "a.h7", "RDP=0xBB"});
    told({"ob", "explain", "g.h7", "SECURITY=1"}, run({"ob", "explain", "g.h7", "SECURITY=1"}).exit);
    told({"ob", "solve", "b.h7"});
    told({"chip", "export", "a.h7", "-o", "dump"});
    told({"chip", "import", "i.h7", "--options", "dump/options.csv"});
    told({"explain", "a.h7", "0x08000000"});
    told({"explain", "a.h7", "0x1FF00000", "--who", "cm4"}, 1);
    told({"explain", "a.h7", "--op", "mass-erase"});
    told({"registers", "FLASH"});
    told({"policy"});
    told({"kernels"});
    told({"version"});
    told({"sfi", "keygen", "--key", "k", "--nonce", "n"});
    told({"sfi", "pack", "app.elf", "-k", "k", "-n", "n", "--ob", "ob.csv", "-o", "a.sfi"});
    told({"sfi", "pack", "app.elf", "-k", "k", "--ob", "ob.csv", "-o", "b.sfi"});
    told({"sfi", "inspect", "b.sfi"});
    told({"sfi", "verify", "a.sfi", "-k", "k", "-n", "n"});
    told({"smi", "pack", "module.bin@0x08040000", "-k", "k", "-o", "m.smi"});
    told({"smi", "inspect", "m.smi"});
    told({"smi", "verify", "m.smi", "-k", "k", "-n", "m.smi.nonce"});
    told({"license", "issue", "--certificate", "cert.bin", "--uid", uid, "--key", "k", "--nonce", "n",
          "--test-ca", "-o", "l.lic"});
    told({"license", "issue", "--certificate", "cert.bin", "--uid", uid, "--key", "k", "--nonce",
          "m.smi.nonce", "--test-ca", "--module", "-o", "m.lic"});
    told({"smi", "install", "b.h7", "m.smi", "m.lic"});
    write("pass", "correct horse");
    const auto hsm = [](std::vector<std::string> verb, std::vector<std::string> more = {}) {
        verb.insert(verb.end(), {"v.hsm", "--passphrase-file", "pass"});
        verb.insert(verb.end(), more.begin(), more.end());
        return verb;
    };
    told(hsm({"license", "hsm", "new"}, {"--scrypt-cost", "14"}));
    told({"license", "hsm", "info", "v.hsm"});
    told(hsm({"license", "hsm", "provision"}, {"--key", "k", "--nonce", "n", "--counter", "2", "--test-ca"}));
    told(hsm({"license", "hsm", "lock"}));
    told({"license", "issue", "--hsm", "v.hsm", "--passphrase-file", "pass", "--certificate", "cert.bin",
          "--uid", uid, "-o", "h.lic"});
    told(hsm({"license", "hsm", "info"}, {"--log"}));
    told({"sfi", "install", "a.h7", "a.sfi", "l.lic"});
    told({"chip", "reset", "a.h7"});
    told({"run", "--limit", "1ms"}, run({"run", "--limit", "1ms"}).exit);
    const std::set<std::string> here = seen_;
    for (const auto& [verb, schema] : definitions_.items())
        if (verb != "refused" && !schema.contains("$comment")) {
            EXPECT_TRUE(here.contains(verb)) << verb << ": in the schema, not in this test";
        }
}

TEST_F(JsonOutput, TheSchemaKnowsEveryVerb) {
    std::set<std::string> verbs;
    offered({}, verbs);
    EXPECT_GE(verbs.size(), 27U);
    for (const std::string& verb : verbs)
        EXPECT_TRUE(definitions_.contains(verb)) << verb << ": add it to docs/json-schema.json";
}

TEST_F(JsonOutput, ARefusalIsAnObjectToo) {
    const json object = json::parse(works({"chip", "show", "none.h7", "--json"}, 2));
    EXPECT_EQ(why_not(definitions_["refused"], object, "refused"), "");
}

TEST_F(JsonOutput, TheCheckerCanFail) {
    const json schema = json::parse(
        R"({"type": "object", "required": ["a"], "properties": {"a": {"items": {"type": "string"}}},
                                        "additionalProperties": {"type": "integer"}})");
    EXPECT_EQ(why_not(schema, json::parse(R"({"a": ["x"], "b": 1})"), "o"), "");
    EXPECT_NE(why_not(schema, json::parse(R"({"b": 1})"), "o"), "");
    EXPECT_NE(why_not(schema, json::parse(R"({"a": [1]})"), "o"), "");
    EXPECT_NE(why_not(schema, json::parse(R"({"a": [], "b": "1"})"), "o"), "");
}

}  // namespace
}  // namespace h7::test
