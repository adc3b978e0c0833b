// The documented interface (docs/rss/license-server.md) as a function from a request to an answer, without
// sockets.
#pragma once

#include <chrono>
#include <map>

#include "rss/host/license_server/desk.hpp"
#include "rss/host/license_server/metrics.hpp"

namespace h7::license_server {

struct Call {
    std::string method, path;
    std::map<std::string, std::string> query = {};  // decoded
    std::string authorization;                      // the header's value
    std::string client;                             // common name of the TLS client certificate; empty: none
    std::string remote;                             // address, for the audit log
    std::string body = {};
    std::map<std::string, std::string> parts = {};  // of a multipart body, by field name
};

struct Answer {
    int status = 200;
    std::string type = "application/json";
    std::string body = {};
    bool ask_for_token = false;  // WWW-Authenticate
};

class Api {
public:
    /// All outlive the api.
    Api(const Configuration& configuration, Desk& desk, Audit& audit, Metrics& metrics)
        : configuration_(configuration), desk_(desk), audit_(audit), metrics_(metrics) {}

    /// Any thread.
    Answer handle(const Call& call);
    /// A refusal as the answer, counted and in the audit log.
    Answer refuse(const Call& call, const Refusal& refusal, const Operator* who = nullptr);

private:
    Answered<const Operator*> caller(const Call& call) const;
    Answered<Answer> route(const Call& call, const Operator& who);
    Answered<Answer> licenses(const Call& call, const Operator& who);
    Answered<Answer> sample_flow(const Call& call, const Operator& who);
    Answered<Answer> products(const Operator& who) const;
    Answered<Answer> ledger(const Call& call, const Operator& who) const;
    Answer healthz() const;

    const Configuration& configuration_;
    Desk& desk_;
    Audit& audit_;
    Metrics& metrics_;
};

/// The page at "/": products, quotas, last licenses.
std::string page(const Configuration& configuration, const Desk& desk, const Operator& who);

}  // namespace h7::license_server
