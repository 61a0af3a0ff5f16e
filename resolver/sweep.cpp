// SPDX-License-Identifier: Apache-2.0
#include "resolver/sweep.hpp"

#include <string>

#include "resolver/engine.hpp"

namespace sweepgate {

namespace {

Status check(const std::string& what, long long value, long long lowest, long long highest) {
    if (value >= lowest && value <= highest) return {};
    return fail(Errc::bad_input, "sweep: " + what + " = " + std::to_string(value) +
                                     " is not within " + std::to_string(lowest) + ".." +
                                     std::to_string(highest));
}

Status check(const SweepOptions& options) {
    auto fits = check("number of servers", static_cast<long long>(options.servers.size()), 1, 32);
    if (fits) fits = check("window", options.window, 0, 8192);
    if (fits)
        fits = check("number of timeouts", static_cast<long long>(options.timeouts.size()), 1, 8);
    for (const auto timeout : options.timeouts)
        if (fits) fits = check("timeout in ms", timeout.count(), 10, 30000);
    if (fits) fits = check("TCP timeout in ms", options.tcp_timeout.count(), 10, 30000);
    if (fits) fits = check("lowest rate", options.least_queries_per_second, 1, 1'000'000);
    if (fits) fits = check("queries per port", options.queries_per_port, 1, 8000);
    return fits;
}

} // namespace

Result<std::unique_ptr<Sweeper>> Sweeper::create(SweepOptions options) {
    if (auto fits = check(options); !fits) return tl::unexpected(fits.error());
    auto engine = dns::Engine::create(options);
    if (!engine) return tl::unexpected(engine.error());
    return std::unique_ptr<Sweeper>(new Sweeper(std::move(*engine)));
}

Sweeper::Sweeper(std::unique_ptr<dns::Engine> engine) : engine_(std::move(engine)) {}
Sweeper::~Sweeper() = default;

Status Sweeper::sweep(std::span<const Question> questions,
                      const std::function<void(const Answer&)>& on_answer,
                      const std::function<bool()>& stop_requested) {
    return engine_->sweep(questions, on_answer, stop_requested);
}

const SweepTally& Sweeper::tally() const { return engine_->tally(); }

} // namespace sweepgate
