#include "rss/host/license_server/http.hpp"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <httplib.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <cstdio>

#include "tests/unit/rss/license_server/office.hpp"

namespace h7::license_server::test {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

struct Served : Office {
    explicit Served(const Folder& folder, const std::string& text = file_text()) : Office(folder, text) {
        auto started = Http::start(configuration.listen, *api, metrics);
        if (!started) throw std::runtime_error(started.error().message);
        http = std::move(*started);
    }
    std::unique_ptr<Http> http;
};

httplib::Client client(const Served& served, std::string_view token = kOperatorToken) {
    httplib::Client made("127.0.0.1", served.http->port());
    made.set_default_headers({{"Authorization", fmt::format("Bearer {}", token)}});
    return made;
}

/// Everything a person needs stands in it.
Json error_of(const httplib::Result& result) {
    if (!result) return {};
    const Json body = Json::parse(result->body, nullptr, false);
    const Json error = body.is_object() ? body.value("error", Json()) : Json();
    for (const char* field : {"code", "what", "where", "rule", "do"})
        EXPECT_TRUE(error.is_object() && error.contains(field)) << field << ": " << result->body;
    EXPECT_NE(error.value("do", ""), "") << result->body;
    return error;
}

TEST(LicenseServer, GivesALicenseAndTheSameAgain) {
    const Folder folder;
    const Served served(folder);
    const Chip chip = make_chip(1);
    auto http = client(served);
    const auto first = http.Post("/v1/licenses", request_json(chip), "application/json");
    ASSERT_TRUE(first);
    ASSERT_EQ(first->status, 200) << first->body;
    const Json json = Json::parse(first->body);
    EXPECT_EQ(json["license"].get<std::string>().size(), 272U);
    EXPECT_EQ(json["again"], false);
    EXPECT_EQ(json["left"]["product"], 999'999);
    const auto second = http.Post("/v1/licenses", request_json(chip), "application/json");
    EXPECT_EQ(Json::parse(second->body)["license"], json["license"]);
    EXPECT_EQ(Json::parse(second->body)["again"], true);
}

TEST(LicenseServer, TheAuditLogSaysWhoGotWhatFromWhere) {
    const Folder folder;
    const Served served(folder);
    const Chip chip = make_chip(1);
    auto http = client(served);
    for (int n = 0; n < 2; ++n)
        ASSERT_EQ(http.Post("/v1/licenses", request_json(chip), "application/json")->status, 200);
    std::istringstream lines(folder.read("audit.jsonl"));
    std::vector<std::string> events;
    for (std::string line; std::getline(lines, line);) {
        const Json event = Json::parse(line);
        if (!event.contains("uid")) continue;
        events.push_back(event["event"]);
        EXPECT_EQ(event["operator"], "line-3") << line;
        EXPECT_EQ(event["product"], "motor") << line;
        EXPECT_EQ(event["uid"], to_hex(chip.uid)) << line;
        EXPECT_EQ(event["remote"], "127.0.0.1") << line;
    }
    EXPECT_EQ(events, (std::vector<std::string>{"issued", "given-again"}));
}

TEST(LicenseServer, ServesStsSampleFlow) {  // 4.12
    const Folder folder;
    folder.write("motor.sfi", "SFI1 and more");
    const Served served(folder, file_text("quota = 5\nimage = \"motor.sfi\""));
    const Chip chip = make_chip(1);
    auto http = client(served);
    const auto image = http.Get("/fw/sfi/motor/get/image?user=line-3");
    ASSERT_TRUE(image);
    EXPECT_EQ(image->body, "SFI1 and more");
    const std::string certificate(chip.certificate.begin(), chip.certificate.end());
    const httplib::MultipartFormDataItems parts = {
        {"dev_certificate_file", certificate, "cert.bin", "application/octet-stream"},
        {"dev_bootloader_file", "x", "bl.bin", "application/octet-stream"},
        {"uid", to_hex(chip.uid), "", ""}};
    const auto license = http.Post("/fw/sfi/motor/get/license?user=line-3", parts);
    ASSERT_TRUE(license);
    ASSERT_EQ(license->status, 200) << license->body;
    EXPECT_EQ(license->body.size(), 136U);
    EXPECT_EQ(error_of(http.Post("/fw/sfi/motor/get/license?user=eve", parts))["code"], "permission");
    EXPECT_EQ(error_of(http.Post("/fw/smi/motor/get/license", parts))["code"], "not-found");
    const auto without_uid =
        http.Post("/fw/sfi/motor/get/license", httplib::MultipartFormDataItems{parts[0]});
    EXPECT_EQ(error_of(without_uid)["where"], "uid");
}

TEST(LicenseServer, EveryRefusalSaysWhatWhereRuleAndWhatToDo) {
    const Folder folder;
    const Served served(folder, file_text("quota = 0"));
    auto http = client(served);
    const auto post = [&](const std::string& body) {
        return error_of(http.Post("/v1/licenses", body, "application/json"))["code"];
    };
    EXPECT_EQ(post(request_json(make_chip(1))), "quota");
    EXPECT_EQ(post("not json"), "request");
    EXPECT_EQ(post("{}"), "request");
    EXPECT_EQ(post(R"({"product":"none"})"), "not-found");
    EXPECT_EQ(post(R"({"product":"motor","certificate":"zz"})"), "request");
    EXPECT_EQ(post(R"({"product":"motor","certificate":"00","uid":"00"})"), "chip");
    EXPECT_EQ(post(R"({"product":"motor","surprise":1})"), "request");
    EXPECT_EQ(error_of(http.Get("/nowhere"))["code"], "not-found");
    EXPECT_EQ(error_of(http.Get("/v1/licenses"))["code"], "method");
    EXPECT_EQ(error_of(http.Put("/v1/licenses", "", "text/plain"))["code"], "method");
    EXPECT_EQ(error_of(http.Delete("/v1/ledger"))["code"], "method");
    EXPECT_EQ(http.Delete("/v1/ledger")->status, 405);
    EXPECT_EQ(error_of(http.Patch("/nowhere", "", "text/plain"))["code"], "not-found");
    EXPECT_EQ(http.Head("/healthz")->status, 200);
    EXPECT_EQ(error_of(http.Post("/v1/licenses", std::string(20'000, 'x'), "text/plain"))["code"],
              "too-large");
    auto stranger = client(served, "h7l_guessed");
    const auto unknown = stranger.Get("/v1/products");
    EXPECT_EQ(unknown->status, 401);
    EXPECT_EQ(error_of(unknown)["code"], "token");
    EXPECT_THAT(folder.read("audit.jsonl"), HasSubstr(R"("event":"refused","status":401,"code":"token")"));
    EXPECT_THAT(folder.read("audit.jsonl"), testing::Not(HasSubstr("h7l_guessed")));
}

TEST(LicenseServer, RolesDecideWhoSeesWhat) {
    const Folder folder;
    const Served served(folder);
    auto line = client(served), boss = client(served, kAuditorToken);
    ASSERT_EQ(line.Post("/v1/licenses", request_json(make_chip(1)), "application/json")->status, 200);
    EXPECT_EQ(boss.Post("/v1/licenses", request_json(make_chip(2)), "application/json")->status, 403);
    EXPECT_EQ(line.Get("/v1/ledger")->status, 403);
    EXPECT_EQ(line.Get("/metrics")->status, 403);
    const Json entries = Json::parse(boss.Get("/v1/ledger?limit=5")->body)["entries"];
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_EQ(entries[0]["operator"], "line-3");
    EXPECT_EQ(Json::parse(boss.Get("/v1/ledger/head")->body)["chain"], entries[0]["chain"]);
    EXPECT_THAT(boss.Get("/metrics")->body, HasSubstr("h7rss_licenses{product=\"motor\"} 1\n"));
    EXPECT_THAT(boss.Get("/")->body, HasSubstr("<td>motor<td>1<td>999999"));
    EXPECT_THAT(line.Get("/")->body, testing::Not(HasSubstr("boss")));
    httplib::Client nobody("127.0.0.1", served.http->port());
    EXPECT_EQ(nobody.Get("/healthz")->body, "{\"status\":\"ok\"}\n");
    EXPECT_EQ(nobody.Get("/")->status, 401);
    nobody.set_basic_auth("any", std::string(kAuditorToken));
    EXPECT_EQ(nobody.Get("/")->status, 200);
}

/// A bare connection: what a client that keeps no rules sends.
class Wire {
public:
    explicit Wire(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
        const timeval limit{.tv_sec = 20, .tv_usec = 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    }
    ~Wire() { ::close(fd_); }
    bool connected() const { return connected_; }
    void send(std::string_view text) const { (void)!::send(fd_, text.data(), text.size(), MSG_NOSIGNAL); }
    /// Until the other end closes.
    std::string rest() const {
        std::string text;
        std::array<char, 4096> part{};
        for (ssize_t n; (n = ::recv(fd_, part.data(), part.size(), 0)) > 0;)
            text.append(part.data(), static_cast<std::size_t>(n));
        return text;
    }

private:
    int fd_;
    bool connected_;
};

TEST(LicenseServer, ARequestThatTakesTooLongIsEnded) {
    const Folder folder;
    const Served served(folder, file_text("quota = 1", "", "seconds = 1"));
    const Wire wire(served.http->port());
    ASSERT_TRUE(wire.connected());
    wire.send("POST /v1/licenses HTTP/1.1\r\nHost: x\r\nX-Slow: ");
    EXPECT_THAT(wire.rest(), testing::Not(HasSubstr("200 OK")));  // returns: the server closed
}

TEST(LicenseServer, RequestsThatArriveTogetherOrInPiecesAreAllAnswered) {
    const Folder folder;
    const Served served(folder, file_text("quota = 1", "", "seconds = 1"));
    const Wire wire(served.http->port());
    ASSERT_TRUE(wire.connected());
    constexpr std::string_view kAsk = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
    wire.send(fmt::format("{}{}{}", kAsk, kAsk, kAsk.substr(0, 9)));
    wire.send(kAsk.substr(9));
    const std::string answers = wire.rest();  // until the silence was too long
    std::size_t count = 0;
    for (auto at = answers.find("\"ok\""); at != std::string::npos; at = answers.find("\"ok\"", at + 1))
        ++count;
    EXPECT_EQ(count, 3U) << answers;
}

TEST(LicenseServer, AChunkedBodyIsRefusedAndNothingAfterItIsRead) {
    const Folder folder;
    const Served served(folder);
    const Wire wire(served.http->port());
    wire.send(
        "POST /v1/licenses HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
    const std::string said = wire.rest();
    EXPECT_THAT(said, HasSubstr("411"));
    EXPECT_THAT(said, testing::Not(HasSubstr("\"ok\"")));
}

TEST(LicenseServer, StopsRightAfterItsStart) {  // before its thread accepts: a SIGTERM that comes at once
                                                // must not be forgotten
    const Folder folder;
    Office office(folder, file_text("quota = 1", "", "connections = 2"));
    for (int n = 0; n < 200; ++n) {
        const auto http = Http::start(office.configuration.listen, *office.api, office.metrics);
        ASSERT_TRUE(http) << http.error().message;
    }
}

TEST(LicenseServer, StopsWhileClientsAreIdle) {
    const Folder folder;
    auto served = std::make_unique<Served>(folder);
    auto http = client(*served);
    http.set_keep_alive(true);
    ASSERT_EQ(http.Get("/healthz")->status, 200);
    const auto start = std::chrono::steady_clock::now();
    served.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));  // not the idle time of 10
    EXPECT_FALSE(http.Get("/healthz"));
}

TEST(LicenseServer, OnlyLoopbackWithoutTls) {
    const Folder folder;
    folder.write("server.toml", file_text("quota = 1", "", "address = \"0.0.0.0\""));
    const auto read = read_configuration(folder.at("server.toml"));
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().message, HasSubstr("in the clear"));
    folder.write("server.toml", file_text("quota = 1\ncolour = 3"));
    EXPECT_THAT(read_configuration(folder.at("server.toml")).error().message, HasSubstr("colour"));
}

/// A self-signed certificate and its key, as PEM files NAME.pem and NAME.key.
void write_certificate(const Folder& folder, const std::string& name) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, subject);
    X509_sign(certificate, key, EVP_sha256());
    std::FILE* file = std::fopen(folder.at(name + ".pem").c_str(), "w");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(folder.at(name + ".key").c_str(), "w");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
}

TEST(LicenseServer, TlsAsksForTheClientsCertificate) {
    const Folder folder;
    write_certificate(folder, "server");
    write_certificate(folder, "robot-7");
    const Served served(
        folder, file_text("quota = 9", "client = \"robot-7\"",
                          "certificate = \"server.pem\"\nkey = \"server.key\"\nclient_ca = \"robot-7.pem\""));
    const httplib::Headers token = {{"Authorization", fmt::format("Bearer {}", kOperatorToken)}};
    httplib::SSLClient known("127.0.0.1", served.http->port(), folder.at("robot-7.pem").string(),
                             folder.at("robot-7.key").string());
    known.enable_server_certificate_verification(false);  // self-signed
    const auto given = known.Post("/v1/licenses", token, request_json(make_chip(1)), "application/json");
    ASSERT_TRUE(given);
    EXPECT_EQ(given->status, 200) << given->body;
    httplib::SSLClient unknown("127.0.0.1", served.http->port());
    unknown.enable_server_certificate_verification(false);
    EXPECT_FALSE(unknown.Get("/healthz"));
}

}  // namespace
}  // namespace h7::license_server::test
