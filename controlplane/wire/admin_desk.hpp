// SPDX-License-Identifier: Apache-2.0
// Internal to this station: threads that answer admin requests, so that a slow verb never holds up
// deltas, beacons or authentication, and no reader whoever changes something.
//
//   change   verbs that change something, in the order they came in
//   quick    verbs that read what is at hand
//   lengthy  verbs that read, compute and ask gates
//
// Each lane has a thread of its own. In a lane admins come before viewers, and within these each
// key in its turn: one request of a key is in work, its others wait for everybody else's next one.
#pragma once

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "controlplane/wire/publisher.hpp"

namespace sweepgate::wire {

class AdminDesk {
public:
    using Handler = std::function<AdminReply(const Peer&, const AdminRequest&)>;
    enum class Lane : std::uint8_t { change, quick, lengthy };

    static constexpr std::size_t kMaxWaiting = 64; // in a lane, of all viewers; as many of admins
    static constexpr std::size_t kMaxWaitingOfKey = 8; // in a lane

    explicit AdminDesk(Handler handler);
    AdminDesk(const AdminDesk&) = delete;
    AdminDesk& operator=(const AdminDesk&) = delete;
    ~AdminDesk();

    /// Waits for the verbs that are being answered; those that wait are not. Not on the desk's
    /// threads.
    void stop();
    /// False when the queue is full or the desk has stopped. `done` runs on one of the desk's
    /// threads.
    bool take(Lane lane, Peer peer, AdminRequest request, std::function<void(AdminReply)> done);

private:
    static constexpr std::size_t kLanes = 3;
    struct Work {
        Peer peer;
        AdminRequest request;
        std::function<void(AdminReply)> done;
    };
    /// Of admins or of viewers.
    struct Queue {
        std::map<std::string, std::deque<Work>> waiting; // by key; none is empty
        std::deque<std::string> turns;                   // keys of it
        std::size_t count = 0;

        bool add(Work work);
        Work next();
    };
    struct Clerk {
        Queue admins;
        Queue viewers;
        std::condition_variable arrived;
        std::thread thread;
    };
    void run(Clerk& clerk);
    [[nodiscard]] AdminReply answer(const Work& work) const;

    Handler handler_;
    std::mutex mutex_;
    bool stopping_ = false;
    std::array<Clerk, kLanes> clerks_; // last: their threads use everything above
};

} // namespace sweepgate::wire
