#include "emulator/cli/json.hpp"

#include <string>

#include "emulator/cli/verb.hpp"

namespace h7::cli {

using Json = nlohmann::ordered_json;

void print_json(std::string_view verb, const Json& members) {
    Json object{{"schema", kJsonSchema}};
    if (!verb.empty()) object["verb"] = verb;
    for (const auto& [name, value] : members.items()) object[name] = value;
    print(object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

void print_json_text(std::string_view verb, std::string_view object) {
    print_json(verb, Json::parse(object));
}

}  // namespace h7::cli
