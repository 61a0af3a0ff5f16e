// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/replay.hpp"

namespace sweepgate::replay {

namespace {

using filter::Judgement;
using filter::Verdict;

Judgement judge(const filter::Tables& tables, filter::MalformedFate fate,
                const filter::Frame& frame) {
    Judgement judgement;
    const auto judged = filter::judge_burst(tables, fate, &frame, 1, &judgement);
    return judged != 0 ? judgement : Judgement{};
}

HitKey key_of(const filter::Tables& tables, const filter::Frame& frame,
              const Judgement& judgement) {
    const auto [sides, protocol] = filter::ends_of(tables, frame, judgement);
    const auto& system = tables.systems()[judgement.system];
    return {sides.client,      judgement.system,
            judgement.verdict, filter::port_class_of(system, protocol, sides.server_port),
            protocol,          sides.server_port};
}

/// The two outputs; either may be absent.
struct Outputs {
    std::optional<CaptureWriter> passed;
    std::optional<CaptureWriter> dropped;

    Status write(const Record& record, std::uint64_t number, bool passes) {
        auto& output = passes ? passed : dropped;
        return output ? output->write(record, number) : Status{};
    }
    Status finish() {
        for (auto* output : {&passed, &dropped})
            if (*output)
                if (auto ok = (*output)->finish(); !ok) return ok;
        return {};
    }
};

Status open(std::optional<CaptureWriter>& output, const Capture& capture,
            const std::filesystem::path& path) {
    if (path.empty()) return {};
    auto created = capture.create(path);
    if (!created) return tl::unexpected(created.error());
    output.emplace(std::move(*created));
    return {};
}

Result<Outputs> open_outputs(const Capture& capture, const Order& order) {
    Outputs outputs;
    if (auto ok = open(outputs.passed, capture, order.passed); !ok)
        return tl::unexpected(ok.error());
    std::error_code ignored;
    if (!order.passed.empty() && !order.dropped.empty() &&
        std::filesystem::equivalent(order.passed, order.dropped, ignored))
        return fail(Errc::refused, order.dropped.string() + ": passed and dropped packets cannot "
                                                            "go into one file");
    if (auto ok = open(outputs.dropped, capture, order.dropped); !ok)
        return tl::unexpected(ok.error());
    return outputs;
}

void count(const filter::Tables& tables, const Record& record, const Judgement& judgement,
           Outcome& outcome) {
    outcome.all.add(record);
    outcome.verdicts[static_cast<std::size_t>(judgement.verdict)].add(record);
    if (record.frame.length < record.frame.wire_length) ++outcome.cut_short;
    if (judgement.system != kNoSystem)
        outcome.hits.add(key_of(tables, record.frame, judgement), record);
}

Status judge_all(const filter::Tables& tables, const Order& order, Capture& capture,
                 Outputs& outputs, Outcome& outcome) {
    for (;;) {
        const auto record = capture.next();
        if (!record) return tl::unexpected(record.error());
        if (!*record) return outputs.finish();
        const auto judgement = judge(tables, order.malformed, (*record)->frame);
        count(tables, **record, judgement, outcome);
        if (auto ok = outputs.write(**record, capture.number(), passes(judgement.verdict)); !ok)
            return ok;
    }
}

} // namespace

Result<Outcome> replay(const filter::Tables& tables, const Order& order) {
    auto capture = Capture::open(order.capture);
    if (!capture) return tl::unexpected(capture.error());
    auto outputs = open_outputs(*capture, order);
    if (!outputs) return tl::unexpected(outputs.error());
    Outcome outcome;
    if (auto ok = judge_all(tables, order, *capture, *outputs, outcome); !ok) {
        outcome.fault = ok.error();
        (void)outputs->finish(); // the first fault is the one to tell
    }
    return outcome;
}

} // namespace sweepgate::replay
