// SPDX-License-Identifier: Apache-2.0
// Internal to this station: the newest that each gate said, bounded, readable by any thread.
// A gate that falls silent stays until it is forgotten by name or its place is needed.
//
// One name may be spoken for by several programs: an instance that is replaced by another (a
// restart) leaves at once, and one that still speaks after the other has begun is a second box of
// that name. Both are kept then.
#pragma once

#include <map>
#include <mutex>
#include <set>

#include "controlplane/wire/publisher.hpp"

namespace sweepgate::wire {

inline constexpr std::size_t kMaxGates = 16'384;
inline constexpr std::size_t kMaxNamesPerGate = 8;      // of a key with Role::gate
inline constexpr std::size_t kMaxNamesPerRelay = 4'096; // of a key with Role::relay
inline constexpr std::size_t kMaxBoxesPerName = 4;      // the longest unheard goes
/// A gate silent for so long may lose its place to another one.
inline constexpr std::chrono::hours kReplaceableAfter{1};
/// What an instance said before its end may arrive so long after the next one's first words.
inline constexpr std::chrono::seconds kHandOver{1};
inline constexpr std::chrono::milliseconds kMissedWord{2500}; // a report comes every 2 s

class PeerTable {
public:
    /// False when the table is full of other gates or the key has claimed its share of names.
    bool note(const Peer& peer, const Acknowledgement& acknowledgement, Moment now = {});
    bool note(const Peer& peer, const GateReport& report, Moment now = {});

    /// Those known from before this program started; not over those that spoke already.
    void remember(std::vector<PeerState> states);
    /// False when nobody has that name. One that lives comes back with its next report.
    bool forget(const std::string& gate);

    [[nodiscard]] std::vector<PeerState> all() const;
    [[nodiscard]] std::size_t size() const; // names
    /// Names of the gates heard within the last `window`.
    [[nodiscard]] std::set<std::string> heard_within(std::chrono::seconds window) const;

private:
    struct Entry {
        Peer speaker;                 // whose share of names it counts against
        std::vector<PeerState> boxes; // in the order in which they began; never empty
    };
    using Entries = std::map<std::string, Entry>;

    [[nodiscard]] bool has_share(const Peer& peer) const;
    [[nodiscard]] bool make_room(const Peer& peer, bool is_new, Moment now);
    Entry* entry_of(const Peer& peer, const std::string& gate, Moment now);
    PeerState* place(const Peer& peer, const std::string& gate, GateKind kind,
                     const Speaker& speaker, Moment now);
    void erase(Entries::iterator entry);

    mutable std::mutex mutex_;
    Entries gates_;
    std::map<std::pair<Role, std::string>, std::size_t> names_; // claimed, by speaker
};

} // namespace sweepgate::wire
