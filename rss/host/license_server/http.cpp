#include "rss/host/license_server/http.hpp"

#include <fmt/format.h>

#include <csignal>
#include <thread>

#include "rss/host/license_server/connections.hpp"
#include "rss/host/license_server/plain_server.hpp"

namespace h7::license_server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBacklog = 512;
constexpr std::size_t kRequestsPerConnection = 100'000;

/// cpp-httplib's server with two things it keeps to itself.
template <class Base>
class Served final : public Base {
public:
    using Base::Base;
    /// The library asks for a backlog of 5: a burst of connections would wait a second each.
    void widen_backlog() { ::listen(this->svr_sock_, kBacklog); }
};

std::string client_of(const httplib::Request& request) {
    if (request.ssl == nullptr) return {};
    X509* certificate = SSL_get0_peer_certificate(request.ssl);
    if (certificate == nullptr) return {};
    std::array<char, 256> name{};
    const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                               name.data(), static_cast<int>(name.size()));
    // A name with a NUL inside is not the name it seems to be.
    return size > 0 && std::strlen(name.data()) == static_cast<std::size_t>(size) ? name.data() : "";
}

Call call_of(const httplib::Request& request) {
    Call call{.method = request.method == "HEAD" ? "GET" : request.method,  // the library leaves the body out
              .path = request.path,
              .authorization = request.get_header_value("Authorization"),
              .client = client_of(request),
              .remote = request.remote_addr,
              .body = request.body};
    for (const auto& [name, value] : request.params) call.query[name] = value;
    for (const auto& [name, part] : request.files) call.parts[name] = part.content;
    return call;
}

void put(Answer answer, httplib::Response& response) {
    response.status = answer.status;
    if (answer.ask_for_token) response.set_header("WWW-Authenticate", "Basic realm=\"h7rss\", Bearer");
    response.set_header("Cache-Control", "no-store");
    response.set_header("X-Content-Type-Options", "nosniff");
    response.body = std::move(answer.body);
    response.set_header("Content-Type", answer.type);
}

/// What the library itself refuses, in our words.
Refusal refusal_of(int status, const Listen& listen) {
    if (status == 413)
        return {413,    "too-large", fmt::format("a request body has at most {} bytes", listen.body),
                "body", "limits",    "a license request has less than 1000 bytes"};
    if (status == 404 || status == 405)
        return {status, "not-found", "there is nothing here",
                "path", "the API",   "see the table of paths in docs/rss/license-server.md"};
    if (status >= 500)
        return {status, "internal", "the request could not be handled", "", "", "look at the server's log"};
    return {status,    "request", "this is no HTTP request that can be understood",
            "request", "the API", "send HTTP/1.1 with Content-Length"};
}

}  // namespace

struct Http::Impl {
    Impl(const Listen& l, Api& a, Metrics& m) : listen(l), api(a), metrics(m) {}

    Result<void> make_server();
    void set_limits();
    void set_routes();
    Result<void> bind();

    Listen listen;
    Api& api;
    Metrics& metrics;
    std::unique_ptr<httplib::Server> server;
    std::function<void()> widen_backlog;
    std::unique_ptr<Connections> connections;
    std::uint16_t port = 0;
    std::atomic<bool> running = true, ending = false;
    std::mutex mutex;
    std::condition_variable ends;
    std::thread accepting, watching;
};

Result<void> Http::Impl::make_server() {
    const auto keep = [this](auto made) {
        widen_backlog = [raw = made.get()] { raw->widen_backlog(); };
        server = std::move(made);
    };
    if (!listen.tls()) {
        keep(std::make_unique<Served<PlainServer>>());
        return {};
    }
    auto made = std::make_unique<Served<httplib::SSLServer>>(
        listen.certificate.c_str(), listen.key.c_str(),
        listen.client_ca.empty() ? nullptr : listen.client_ca.c_str());
    if (!made->is_valid())
        return misuse(fmt::format("TLS: {}, {}{}{}: not a certificate chain with its key, in PEM",
                                  listen.certificate.string(), listen.key.string(),
                                  listen.client_ca.empty() ? "" : ", ", listen.client_ca.string()));
    SSL_CTX_set_min_proto_version(made->ssl_context(), TLS1_2_VERSION);
    keep(std::move(made));
    return {};
}

void Http::Impl::set_limits() {
    server->new_task_queue = [count = listen.connections] { return new httplib::ThreadPool(count); };
    server->set_payload_max_length(listen.body);
    server->set_keep_alive_max_count(kRequestsPerConnection);
    server->set_keep_alive_timeout(static_cast<time_t>(listen.seconds));
    server->set_read_timeout(static_cast<time_t>(listen.seconds));
    server->set_write_timeout(static_cast<time_t>(listen.seconds));
    server->set_tcp_nodelay(true);  // headers and body leave in two pieces
}

void Http::Impl::set_routes() {
    const auto handle = [this](const httplib::Request& request, httplib::Response& response) {
        const auto start = Clock::now();
        put(api.handle(call_of(request)), response);
        metrics.answered(response.status, std::chrono::duration<double>(Clock::now() - start).count());
    };
    server->Get(".*", handle);
    server->Post(".*", handle);
    // Refused by us, in our words.
    server->Put(".*", handle);
    server->Patch(".*", handle);
    server->Delete(".*", handle);
    server->Options(".*", handle);
    // The library gives a chunked body no limit. Its rest cannot be skipped safely: the connection ends.
    server->set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
        if (!request.has_header("Transfer-Encoding")) return httplib::Server::HandlerResponse::Unhandled;
        put(api.refuse(call_of(request), {411, "length", "a body needs its length", "Content-Length",
                                          "limits", "send Content-Length instead of Transfer-Encoding"}),
            response);
        return httplib::Server::HandlerResponse::Handled;
    });
    server->set_error_handler(
        httplib::Server::Handler([this](const httplib::Request& request, httplib::Response& response) {
            if (!response.body.empty()) return;  // ours
            put(api.refuse(call_of(request), refusal_of(response.status, listen)), response);
        }));
    server->set_exception_handler([](const httplib::Request&, httplib::Response& response,
                                     const std::exception_ptr&) { response.status = 500; });
    server->set_logger([this](const httplib::Request& request, const httplib::Response& response) {
        connections->answered(request.remote_port);
        if (response.status == 411) connections->close(request.remote_port);
    });
}

Result<void> Http::Impl::bind() {
    int bound = listen.port;
    if (listen.port == 0)
        bound = server->bind_to_any_port(listen.address);
    else if (!server->bind_to_port(listen.address, listen.port))
        bound = -1;
    if (bound <= 0)
        return misuse(
            fmt::format("{}:{}: cannot listen: the address is not this machine's, or the port is "
                        "taken",
                        listen.address, listen.port));
    port = static_cast<std::uint16_t>(bound);
    widen_backlog();
    return {};
}

Http::Http(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<Http>> Http::start(const Listen& listen, Api& api, Metrics& metrics) {
    auto impl = std::make_unique<Impl>(listen, api, metrics);
    TRY(impl->make_server());
    std::signal(SIGPIPE, SIG_IGN);  // a client that went away is not our end
    impl->set_limits();
    impl->set_routes();
    TRY(impl->bind());
    Impl* raw = impl.get();
    raw->connections = std::make_unique<Connections>(raw->port, std::chrono::seconds(listen.seconds));
    raw->accepting = std::thread([raw] {
        raw->server->listen_after_bind();
        raw->running = false;
    });
    // A library's server that does not run yet forgets that it was stopped.
    while (raw->running && !raw->server->is_running()) std::this_thread::yield();
    raw->watching = std::thread([raw] {
        std::unique_lock guard(raw->mutex);
        while (!raw->ends.wait_for(guard, std::chrono::seconds(1), [raw] { return raw->ending.load(); }))
            raw->connections->reap();
    });
    return std::unique_ptr<Http>(new Http(std::move(impl)));
}

Http::~Http() {
    {
        const std::lock_guard guard(impl_->mutex);
        impl_->ending = true;
    }
    impl_->ends.notify_all();
    impl_->watching.join();
    impl_->server->stop();
    impl_->connections->end_reading();
    impl_->accepting.join();
}

std::uint16_t Http::port() const { return impl_->port; }
bool Http::running() const { return impl_->running; }

}  // namespace h7::license_server
