// SPDX-License-Identifier: Apache-2.0
#include "controlplane/controller/why_prefix.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controlplane/controller/json.hpp"

namespace sweepgate::controller {

namespace {

using nlohmann::json;

constexpr std::size_t kMostParts = 100;

class Parts {
public:
    Parts(const WhyFacts& facts, const Prefix& prefix) : facts_(facts), prefix_(prefix) {
        for (const auto* key : {"listed", "allowed", "exceptions", "held", "refused"})
            object_[key] = json::array();
    }

    json take() {
        object_["prefix"] = to_string(prefix_);
        if (facts_.snapshot != nullptr) add_snapshot(*facts_.snapshot);
        if (facts_.plan != nullptr) add_plan(*facts_.plan);
        object_["summary"] = summary();
        object_["left_out"] = left_out_;
        return std::move(object_);
    }

private:
    void add(const char* key, json part) {
        auto& parts = object_[key];
        if (parts.size() < kMostParts)
            parts.push_back(std::move(part));
        else
            ++left_out_;
    }

    void add_snapshot(const Snapshot& snapshot) {
        for (const auto& entry : snapshot.entries) {
            if (!entry.prefix.overlaps(prefix_)) continue;
            ++listed_;
            const auto inside = entry.prefix.contains(prefix_) ? prefix_ : entry.prefix;
            if (inside == prefix_) whole_by_ = to_string(entry.prefix);
            if (inside.address.family == Family::ipv4) addresses_ += size_of(inside);
            const auto& address_class = snapshot.rules.classes[entry.address_class];
            add("listed", {{"prefix", to_string(entry.prefix)},
                           {"scope", address_class.scope == Scope::shared ? "shared" : "exclusive"},
                           {"systems", list_of(address_class.systems, [&](SystemIndex system) {
                                return snapshot.rules.systems[system].id;
                            })}});
        }
        for (const auto& allow : snapshot.rules.allow)
            if (allow.overlaps(prefix_)) {
                ++allowed_;
                add("allowed", to_string(allow));
            }
    }

    void add_plan(const SnapshotPlan& plan) {
        for (const auto& exception : plan.exceptions)
            if (exception.prefix.overlaps(prefix_))
                add("exceptions",
                    {{"prefix", to_string(exception.prefix)}, {"text", to_text(exception)}});
        for (const auto& hold : plan.holds)
            for (const auto& address : hold.added)
                if (prefix_.contains(address)) {
                    ++held_;
                    add("held", {{"system", hold.system},
                                 {"address", to_string(address)},
                                 {"reason", hold.reason}});
                }
        for (const auto& judgement : plan.judgements)
            if (judgement.disposition == Disposition::refused &&
                judgement.prefix.overlaps(prefix_)) {
                ++refused_;
                add("refused", to_json(judgement));
            }
    }

    static std::uint64_t size_of(const Prefix& prefix) {
        return static_cast<std::uint64_t>(prefix.host_mask()) + 1;
    }

    [[nodiscard]] std::string summary() const {
        const auto subject = to_string(prefix_);
        if (facts_.snapshot == nullptr) return subject + ": nothing has been published yet";
        const auto generation = facts_.snapshot->generation;
        std::string words;
        if (!whole_by_.empty())
            words = fmt::format("{} is listed whole by {} (generation {})", subject, whole_by_,
                                generation);
        else if (listed_ == 0)
            words = fmt::format("nothing in {} is listed (generation {}): it passes", subject,
                                generation);
        else
            words = fmt::format("{} {} in {} {} listed (generation {})", listed_,
                                listed_ == 1 ? "part" : "parts", subject,
                                listed_ == 1 ? "is" : "are", generation);
        if (whole_by_.empty() && listed_ > 0 && prefix_.address.family == Family::ipv4)
            words += fmt::format(", {} of {} addresses", addresses_, size_of(prefix_));
        if (allowed_ > 0)
            words += fmt::format("; {} {} allowed before everything else", allowed_,
                                 allowed_ == 1 ? "part is" : "parts are");
        if (held_ > 0)
            words +=
                fmt::format("; {} {} held", held_, held_ == 1 ? "address is" : "addresses are");
        if (refused_ > 0) words += fmt::format("; the guard refuses {} more", refused_);
        return words;
    }

    const WhyFacts& facts_;
    const Prefix prefix_;
    json object_ = json::object();
    std::string whole_by_;
    std::size_t listed_ = 0;
    std::uint64_t addresses_ = 0; // of IPv4, listed
    std::size_t allowed_ = 0;
    std::size_t held_ = 0;
    std::size_t refused_ = 0;
    std::size_t left_out_ = 0;
};

} // namespace

json parts_of(const WhyFacts& facts, const Prefix& prefix) { return Parts(facts, prefix).take(); }

} // namespace sweepgate::controller
