// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/sources.hpp"

#include <algorithm>
#include <tuple>

namespace sweepgate::nftables {

namespace {

struct Source {
    Prefix prefix;
    GroupIndex group;
};

/// Prefixes nest or are disjoint, so those that cover the cursor form a stack, narrowest on top.
class Flattening {
public:
    void open(const Source& source) {
        close_before(source.prefix.first());
        if (!open_.empty() && from_ < source.prefix.first().value)
            emit({source.prefix.first().family, source.prefix.first().value - 1});
        from_ = source.prefix.first().value;
        exhausted_ = false;
        open_.push_back(source);
    }

    std::vector<GroupRange> finish() {
        while (!open_.empty()) close();
        return std::move(ranges_);
    }

private:
    void close_before(const Address& next) {
        while (!open_.empty() && open_.back().prefix.last() < next) close();
    }

    void close() {
        const auto last = open_.back().prefix.last();
        if (!exhausted_ && from_ <= last.value) emit(last);
        // Behind the last address there is none: what closes there has nothing left to give.
        from_ = last.value + 1;
        exhausted_ = last == Prefix{{last.family, 0}, 0}.last();
        open_.pop_back();
    }

    void emit(const Address& last) {
        const Range range{{last.family, from_}, last};
        const auto group = open_.back().group;
        const bool joins = !ranges_.empty() && ranges_.back().group == group &&
                           ranges_.back().range.last.family == last.family &&
                           ranges_.back().range.last.value + 1 == from_;
        if (joins)
            ranges_.back().range.last = last;
        else
            ranges_.push_back({range, group});
    }

    std::vector<Source> open_;
    Uint128 from_ = 0;
    bool exhausted_ = false;
    std::vector<GroupRange> ranges_;
};

} // namespace

std::vector<GroupRange> flatten_sources(const Ruleset& rules) {
    std::vector<Source> sources;
    for (std::size_t group = 1; group < rules.groups.size(); ++group)
        for (const auto& prefix : rules.groups[group].sources)
            sources.push_back({prefix, static_cast<GroupIndex>(group)});
    std::sort(sources.begin(), sources.end(), [](const Source& a, const Source& b) {
        return std::tie(a.prefix.address, a.prefix.length) <
               std::tie(b.prefix.address, b.prefix.length);
    });
    Flattening flattening;
    for (const auto& source : sources) flattening.open(source);
    return flattening.finish();
}

} // namespace sweepgate::nftables
