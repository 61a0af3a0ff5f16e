// SPDX-License-Identifier: Apache-2.0
#include "controlplane/model/sweepline.hpp"

#include <map>
#include <set>
#include <tuple>

namespace sweepgate {

namespace {

/// What covers one stretch of the address line.
using Cover = std::map<std::pair<SystemIndex, Scope>, unsigned>;

AddressClass to_class(const Cover& cover) {
    AddressClass address_class;
    std::set<SystemIndex> systems;
    for (const auto& [key, count] : cover) {
        systems.insert(key.first);
        if (key.second == Scope::shared) address_class.scope = Scope::shared;
    }
    address_class.systems.assign(systems.begin(), systems.end());
    return address_class;
}

class Sweepline {
public:
    explicit Sweepline(const std::vector<Listing>& listings) {
        for (const auto& listing : listings) {
            events_.push_back({listing.prefix.first(), false, true, &listing});
            const auto last = listing.prefix.last();
            const auto limit = last.family == Family::ipv4 ? Uint128{0xFFFFFFFFU} : ~Uint128{0};
            // One behind the last address; the end of the line sorts behind every start.
            if (last.value == limit)
                events_.push_back({last, true, false, &listing});
            else
                events_.push_back({{last.family, last.value + 1}, false, false, &listing});
        }
        std::sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
            return std::tie(a.at, a.behind) < std::tie(b.at, b.behind);
        });
    }

    std::vector<Stretch> walk() {
        for (std::size_t i = 0; i < events_.size();) {
            const auto at = events_[i].at;
            const bool behind = events_[i].behind;
            close(at, behind);
            for (; i < events_.size() && events_[i].at == at && events_[i].behind == behind; ++i)
                turn(events_[i]);
            from_ = at;
        }
        return std::move(stretches_);
    }

private:
    struct Event {
        Address at;
        bool behind; // behind the last address of the family
        bool opens;
        const Listing* listing;
    };

    void close(const Address& at, bool behind) {
        if (cover_.empty()) return;
        const Range range{from_, behind ? at : Address{at.family, at.value - 1}};
        auto address_class = to_class(cover_);
        if (!stretches_.empty() && stretches_.back().address_class == address_class &&
            stretches_.back().range.last.family == from_.family &&
            stretches_.back().range.last.value + 1 == from_.value)
            stretches_.back().range.last = range.last;
        else
            stretches_.push_back({range, std::move(address_class)});
    }

    void turn(const Event& event) {
        const std::pair key{event.listing->system, event.listing->scope};
        if (event.opens)
            ++cover_[key];
        else if (const auto found = cover_.find(key); --found->second == 0)
            cover_.erase(found);
    }

    std::vector<Event> events_;
    Cover cover_;
    Address from_{};
    std::vector<Stretch> stretches_;
};

} // namespace

std::vector<Stretch> flatten(const std::vector<Listing>& listings) {
    return Sweepline(listings).walk();
}

} // namespace sweepgate
