// SPDX-License-Identifier: Apache-2.0
#include "dataplane/replay/replay.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <vector>

#include "dataplane/filter/token_bucket.hpp"
#include "dataplane/replay/framing.hpp"

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

    Status write(const Piece& piece, std::uint64_t number, bool passes) {
        auto& output = passes ? passed : dropped;
        return output ? output->write(piece, number) : Status{};
    }
    Status write_to_both(const Piece& piece, std::uint64_t number) {
        if (auto ok = write(piece, number, true); !ok) return ok;
        return write(piece, number, false);
    }
    Status finish() {
        for (auto* output : {&passed, &dropped})
            if (*output)
                if (auto ok = (*output)->finish(); !ok) return ok;
        return {};
    }
};

Status open(std::optional<CaptureWriter>& output, const Capture& capture, const Order& order,
            const std::filesystem::path& path) {
    if (path.empty()) return {};
    std::error_code ignored; // a file that is not there yet is no fault
    for (const auto& input : order.inputs)
        if (std::filesystem::equivalent(path, input, ignored))
            return fail(Errc::refused, path.string() + ": is read, and would be overwritten");
    auto created = capture.create(path);
    if (!created) return tl::unexpected(created.error());
    output.emplace(std::move(*created));
    return {};
}

Result<Outputs> open_outputs(const Capture& capture, const Order& order) {
    Outputs outputs;
    if (auto ok = open(outputs.passed, capture, order, order.passed); !ok)
        return tl::unexpected(ok.error());
    std::error_code ignored;
    if (!order.passed.empty() && !order.dropped.empty() &&
        std::filesystem::equivalent(order.passed, order.dropped, ignored))
        return fail(Errc::refused, order.dropped.string() + ": passed and dropped packets cannot "
                                                            "go into one file");
    if (auto ok = open(outputs.dropped, capture, order, order.dropped); !ok)
        return tl::unexpected(ok.error());
    return outputs;
}

/// The rates of limited systems, by the capture's clock: those of a gate with one lcore.
class Meters {
public:
    explicit Meters(const std::vector<System>& systems) {
        for (const auto& system : systems)
            buckets_.emplace_back(system.packets_per_second, kTicksPerSecond);
    }
    /// Whether one more packet of this system may pass at this time.
    bool take(SystemIndex system, Moment at) {
        return buckets_[system].take(static_cast<std::uint64_t>(std::max<Moment>(at, 0)));
    }

private:
    static constexpr std::uint64_t kTicksPerSecond = 1'000'000'000;
    std::vector<filter::TokenBucket> buckets_;
};

void count(const filter::Tables& tables, const Record& record, const Judgement& judgement,
           Verdict verdict, Outcome& outcome) {
    outcome.verdicts[static_cast<std::size_t>(verdict)].add(record);
    if (verdict == Verdict::pass_not_ip) outcome.not_ip.add(kind_of_not_ip(record.frame), record);
    if (judgement.system == kNoSystem) return;
    auto key = key_of(tables, record.frame, judgement);
    key.verdict = verdict;
    outcome.hits.add(key, record);
}

using TablesAt = std::function<Result<const filter::Tables*>(Moment)>;

/// Tables by the schedules in force, compiled when a record first needs them.
class Timetable {
public:
    explicit Timetable(const Snapshot& snapshot) : snapshot_(snapshot) {}

    Result<const filter::Tables*> at(Moment moment) {
        constexpr Moment kMinute = 60'000'000'000;
        if (current_ != nullptr &&
            (snapshot_.rules.schedules.empty() || moment / kMinute == minute_))
            return current_;
        minute_ = moment / kMinute;
        const std::chrono::system_clock::time_point time{std::chrono::nanoseconds(moment)};
        const auto set = schedules_at(snapshot_.rules, civil_times_at(time));
        if (compiled_.size() > kMostSets) compiled_.clear(); // memory is bounded
        auto& tables = compiled_[set];
        if (!tables) {
            auto made = filter::Tables::compile(snapshot_, set);
            if (!made) return tl::unexpected(made.error());
            tables = std::move(*made);
        }
        return current_ = tables.get();
    }

private:
    static constexpr std::size_t kMostSets = 16;
    const Snapshot& snapshot_;
    std::map<ScheduleSet, std::unique_ptr<const filter::Tables>> compiled_;
    const filter::Tables* current_ = nullptr;
    Moment minute_ = 0;
};

/// Judges the packets of one capture.
class Run {
public:
    Run(const TablesAt& tables_at, const std::vector<System>& systems, const Order& order,
        Outcome& outcome)
        : tables_at_(tables_at), order_(order), outcome_(outcome), meters_(systems) {}

    Status all(Capture& capture, Outputs& outputs) {
        for (;;) {
            const auto piece = capture.next();
            if (!piece) return tl::unexpected(piece.error());
            if (!*piece) return outputs.finish();
            const auto number = capture.number();
            if (!(*piece)->packet) {
                if (auto ok = outputs.write_to_both(**piece, number); !ok) return ok;
                continue;
            }
            const auto verdict = judge_packet(*(*piece)->packet);
            if (!verdict) return tl::unexpected(verdict.error());
            if (!*verdict) continue;
            if (auto ok = outputs.write(**piece, number, passes(**verdict)); !ok) return ok;
        }
    }

private:
    /// Nothing when it cannot be judged.
    Result<std::optional<Verdict>> judge_packet(const Packet& packet) {
        const auto framed = framer_.frame(packet);
        const Record record{framed.frame, packet.at, packet.wire_length};
        outcome_.all.add(record);
        if (packet.bytes.size() < packet.wire_length) ++outcome_.cut_short;
        if (packet.is_oversized) ++outcome_.oversized;
        if (const auto why = why_not(framed); !why.empty()) {
            outcome_.not_judged.add(why, record);
            return std::nullopt;
        }
        if (framed.is_unsegmented) ++outcome_.unsegmented;
        const auto found = tables_at_(record.at);
        if (!found) return tl::unexpected(found.error());
        const auto& tables = **found;
        const auto judgement = judge(tables, order_.malformed, record.frame);
        auto verdict = judgement.verdict;
        if (verdict == Verdict::limit && !meters_.take(judgement.system, record.at))
            verdict = Verdict::drop_limited;
        count(tables, record, judgement, verdict, outcome_);
        return verdict;
    }
    /// Why a packet cannot be judged; empty when it can.
    static std::string why_not(const Framed& framed) {
        const auto& frame = framed.frame;
        if (!framed.unjudged.empty() || frame.length == frame.wire_length) return framed.unjudged;
        const auto parsed = filter::parse(frame.bytes, frame.length, frame.wire_length);
        const bool is_cut = parsed.kind == filter::Kind::malformed && parsed.is_cut;
        return is_cut ? "cut short within its headers" : "";
    }

    const TablesAt& tables_at_;
    const Order& order_;
    Outcome& outcome_;
    Meters meters_;
    Framer framer_;
};

/// What nobody could judge must not read as "nobody would have been hit".
Status judged_something(const Order& order, const Outcome& outcome) {
    const auto& reasons = outcome.not_judged.all();
    if (reasons.empty()) return {};
    std::uint64_t unjudged = 0;
    for (const auto& [reason, tally] : reasons) unjudged += tally.packets;
    if (unjudged < outcome.all.packets) return {};
    return fail(Errc::bad_input, order.capture.string() +
                                     ": nothing in it can be judged: " + reasons.begin()->first);
}

Result<Outcome> run(const TablesAt& tables_at, const std::vector<System>& systems,
                    const Order& order) {
    auto capture = Capture::open(order.capture);
    if (!capture) return tl::unexpected(capture.error());
    auto outputs = open_outputs(*capture, order);
    if (!outputs) return tl::unexpected(outputs.error());
    Outcome outcome;
    if (auto ok = Run(tables_at, systems, order, outcome).all(*capture, *outputs); !ok) {
        outcome.fault = ok.error();
        (void)outputs->finish(); // the first fault is the one to tell
    } else if (ok = judged_something(order, outcome); !ok) {
        outcome.fault = ok.error();
    }
    return outcome;
}

} // namespace

Result<Outcome> replay(const filter::Tables& tables, const Order& order) {
    return run([&](Moment) { return Result<const filter::Tables*>(&tables); }, tables.systems(),
               order);
}

Result<Outcome> replay(const Snapshot& snapshot, const Order& order) {
    Timetable timetable(snapshot);
    if (const auto first = timetable.at(0); !first) return tl::unexpected(first.error());
    return run([&](Moment moment) { return timetable.at(moment); }, snapshot.rules.systems, order);
}

} // namespace sweepgate::replay
