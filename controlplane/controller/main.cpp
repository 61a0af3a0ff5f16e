// SPDX-License-Identifier: Apache-2.0
// sweepgated: builds the parts and connects them.
//
//   sweep thread -> controller : what the resolvers said
//   guard thread -> controller : what they say of names that cannot exist, and reverse names
//   controller   -> publisher  : generation N, sealed
//   publisher    -> controller : admin requests
//   gate         -> publisher  : "I hold generation N"
//   watch        -> controller : a gate holds more; what is wrong
#include <algorithm>
#include <csignal>

#include <CLI/CLI.hpp>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "controlplane/controller/audit_origin.hpp"
#include "controlplane/controller/sweeping.hpp"
#include "controlplane/controller/verbs.hpp"
#include "controlplane/controller/watch.hpp"
#include "controlplane/model/text.hpp"
#include "controlplane/model/version.hpp"
#include "controlplane/usage/open_files.hpp"
#include "controlplane/usage/usage.hpp"
#include "controlplane/wire/envelope.hpp"

namespace {

using namespace sweepgate;
using namespace sweepgate::controller;

constexpr std::chrono::milliseconds kProbeWait{800};

constexpr std::string_view kAuthorizedCopy = "authorized_keys.last-good";

/// Without a key of our own, tcp:// is left out: whoever may open the sockets here is served.
Result<wire::PublisherOptions> publisher_options(Controller& controller) {
    const auto& publish = controller.config().publish;
    wire::PublisherOptions options;
    options.updates = publish.updates;
    options.requests = publish.requests;
    options.gate_updates = publish.gate_updates;
    options.gate_requests = publish.gate_requests;
    options.reading_verbs = reading_verbs();
    if (publish.curve_key.empty()) return options;
    const auto copy = controller.config().state / kAuthorizedCopy;
    if (auto ok = options.load_curve(publish.curve_key, publish.authorized_keys, copy); !ok) {
        const auto is_tcp = [](const std::string& endpoint) {
            return endpoint.starts_with("tcp:");
        };
        std::erase_if(options.updates, is_tcp);
        std::erase_if(options.requests, is_tcp);
        if (options.updates.empty() || options.requests.empty()) return tl::unexpected(ok.error());
        controller.replace_faults("keys", "broken",
                                  {ok.error().what + "; nobody is served over tcp:// until it is "
                                                     "mended and sweepgated started again"});
    } else {
        controller.replace_faults("keys", "degraded", options.authorized.faults());
    }
    return options;
}

/// Blocks the signals in every thread started from here on and reads them as events.
int open_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

/// What is wrong with a part is told; the others are taken.
void reload(Controller& controller, wire::Publisher& publisher, Sweeping& sweeping,
            const signalfd_siginfo& by) {
    sd_notify(0, "RELOADING=1");
    const auto ok = controller.reload();
    if (!ok) {
        const auto text = ok.error().what + "; what was in force stays";
        spdlog::error("reload: {}", printable(text));
        controller.replace_faults("reload", "degraded", {text});
    }
    const auto& publish = controller.config().publish;
    if (!publish.authorized_keys.empty()) {
        auto authorized = wire::AuthorizedKeys::load(publish.authorized_keys,
                                                     controller.config().state / kAuthorizedCopy);
        if (authorized) {
            controller.replace_faults("keys", "degraded", authorized->faults());
            publisher.authorize(std::move(*authorized));
        } else {
            controller.replace_faults("keys", "degraded", {authorized.error().what});
        }
    }
    const auto faults = controller.start_faults();
    std::string result = ok ? "ok: " + *ok : ok.error().what;
    for (const auto& fault : faults) result += "; " + fault.kind + ": " + fault.text;
    controller.audit("local", "reload", "SIGHUP", result, origin_of(by.ssi_uid, by.ssi_pid));
    sweeping.take_names();
    sd_notify(0, "READY=1");
}

/// The worst fault, for the service manager.
std::string status_line(const std::vector<Alarm>& standing) {
    const auto health = health_of(standing);
    if (health.faults.empty()) return "STATUS=ok";
    const auto more = health.faults.size() == 1
                          ? ""
                          : "; and " + std::to_string(health.faults.size() - 1) + " more";
    return "STATUS=" + std::string(to_string(health.verdict)) + ": " +
           printable(health.faults.front()) + more;
}

/// Until SIGTERM or SIGINT. The watchdog is fed only while the sweep thread turns.
void serve(int signals, Controller& controller, wire::Publisher& publisher, Sweeping& sweeping) {
    for (;;) {
        pollfd wait{signals, POLLIN, 0};
        const int ready = poll(&wait, 1, 1000);
        controller.mend();
        sweeping.turn();
        if (ready <= 0) {
            if (sweeping.is_alive()) sd_notify(0, "WATCHDOG=1");
            sd_notify(0, status_line(controller.alarm_board().standing()).c_str());
            continue;
        }
        signalfd_siginfo received{};
        if (read(signals, &received, sizeof received) != sizeof received) continue;
        if (received.ssi_signo != SIGHUP) return;
        reload(controller, publisher, sweeping, received);
    }
}

void print_values(const Config& config) {
    const auto& resolver = config.resolver;
    spdlog::info("sweepgated {}: state {}; each name every {} to {} ms, {} questions a second",
                 kVersion, config.state.string(), resolver.shortest.count(),
                 resolver.longest.count(),
                 resolver.budget == 0 ? "any number of" : std::to_string(resolver.budget));
    for (const auto& server : resolver.servers) spdlog::info("resolver {}", server);
    for (const auto& told : resolver.told) spdlog::warn("{}", told);
    for (const auto& vantage : resolver.vantages)
        spdlog::info("vantage {}: {} {}", vantage.name, vantage.server, vantage.client_subnet);
    for (const auto& endpoint : config.publish.updates) spdlog::info("updates at {}", endpoint);
    for (const auto& endpoint : config.publish.requests) spdlog::info("requests at {}", endpoint);
    for (const auto& endpoint : config.publish.gate_requests)
        spdlog::info("gates of this box at {}", endpoint);
}

Status run(const std::string& config_file) {
    const auto started_with = load_start_config(config_file);
    if (!started_with) return tl::unexpected(started_with.error());
    print_values(started_with->config);
    const auto& requests = started_with->config.publish.requests;
    const bool serves_tcp = std::ranges::any_of(
        requests, [](const auto& endpoint) { return endpoint.starts_with("tcp:"); });
    if (auto ok = usage::open_files(serves_tcp ? usage::kOpenFilesServer : usage::kOpenFiles); !ok)
        return ok;

    const int signals = open_signals();
    auto controller = Controller::open(started_with->config);
    if (!controller) return tl::unexpected(controller.error());
    keep_config(*started_with, config_file);
    if (const auto& fault = started_with->fault; !fault.empty())
        (*controller)->replace_faults("config", "degraded", {fault});
    auto options = publisher_options(**controller);
    if (!options) return tl::unexpected(options.error());
    Sweeping sweeping(**controller);

    // The publisher's handlers need the publisher. They run only once it has been started, and
    // until its destructor, which comes before everything else's, has joined their thread.
    wire::Publisher* publisher = nullptr;
    EventLog events;
    RefusalLog refusals;
    std::mutex watching;
    Watch* watched = nullptr; // while it lives; guarded by `watching`
    Surroundings surroundings{
        [&] { return publisher->peers(); },
        [&](const Address& address) { return publisher->probe(address, kProbeWait); },
        [&] { return publisher->counters(); },
        [&] { sweeping.hurry(); },
        [&](const TopQuery& query) { return publisher->top(query, kProbeWait); },
        &events,
        [&] { sweeping.take_names(); },
        [&] { return sweeping.tally(); },
        [&](const std::string& gate) { return publisher->forget(gate); },
        [&](const wire::Refusal& refusal) { refusals.add(refusal); },
        [&](const std::filesystem::path& path) {
            const std::lock_guard guard(watching);
            return watched != nullptr ? watched->copy_to(path)
                                      : fail(Errc::unavailable, "sweepgated starts or stops");
        }};
    std::mutex starting;
    wire::PublisherHandlers handlers;
    handlers.on_events = [&](const wire::Peer&, const HitEvents& said) { events.add(said); };
    handlers.on_refused = [&](const wire::Refusal& refusal) { refusals.add(refusal); };
    handlers.on_admin = [&](const wire::Peer& peer, const wire::AdminRequest& request) {
        { const std::lock_guard started(starting); }
        return answer(**controller, surroundings, peer, request);
    };
    std::unique_ptr<wire::Publisher> owner;
    {
        const std::lock_guard hold(starting);
        auto started = wire::Publisher::start(std::move(*options), std::move(handlers));
        if (!started) return tl::unexpected(started.error());
        owner = std::move(*started);
        publisher = owner.get();
    }
    Watch watch(**controller, events, refusals);
    (*controller)
        ->attach(
            [&](wire::Update update) {
                watch.note_published({update.generation, update.digest, 0});
                publisher->publish(std::move(update));
            },
            [&](const SigningDesk& signing) {
                watch.note_trust(signing.trust().version());
                if (signing.trust().version() != 0)
                    publisher->publish_trust(signing.trust().text(), signing.trust().version());
                if (signing.key() != nullptr) publisher->sign_beacons(*signing.key());
            });
    watch.start(*publisher);
    const auto watch_from = [&](Watch* now) {
        const std::lock_guard guard(watching);
        watched = now;
    };
    watch_from(&watch);
    const std::shared_ptr<void> until_it_goes(nullptr, [&](void*) { watch_from(nullptr); });
    if (auto ok = sweeping.start(); !ok) return ok;
    sd_notify(0, "READY=1");
    serve(signals, **controller, *publisher, sweeping);

    sd_notify(0, "STOPPING=1");
    sweeping.stop();
    (*controller)->attach([](wire::Update) {}, {});
    watch.stop();
    close(signals);
    spdlog::info("stopped; gates keep enforcing what they hold");
    return {};
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"sweepgated: sweeps the vendors' names over DNS, guards what it finds, and\n"
                 "publishes it as signed, numbered snapshots to every gate",
                 "sweepgated"};
    std::string config_file = "/etc/sweepgate/sweepgated.toml";
    app.add_option("--config", config_file, "configuration file")->capture_default_str();
    app.set_version_flag("--version", "sweepgated " + version_text(wire::kSchema));
    app.footer("SIGHUP reads catalog, policy and keys again; SIGTERM stops.\n"
               "Exit codes: 0 stopped on request, 1 a fault at start or run, 2 usage.");
    if (const auto ends = usage::parse(app, argc, argv)) return *ends;
    try {
        if (const auto ok = run(config_file))
            return 0;
        else
            usage::complain("sweepgated", ok.error().what);
    } catch (const std::exception& error) {
        usage::complain("sweepgated", error.what());
    }
    return 1;
}
