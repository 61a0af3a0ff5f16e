// SPDX-License-Identifier: Apache-2.0
// Internal to this station: one thread that answers admin requests, so that a slow verb never
// holds up deltas, beacons or authentication. The queue is bounded.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "controlplane/wire/publisher.hpp"

namespace sweepgate::wire {

class AdminDesk {
public:
    using Handler = std::function<AdminReply(const Peer&, const AdminRequest&)>;

    explicit AdminDesk(Handler handler);
    AdminDesk(const AdminDesk&) = delete;
    AdminDesk& operator=(const AdminDesk&) = delete;
    ~AdminDesk();

    /// Waits for the verb that is being answered; those that wait are not. Not on the desk's
    /// thread.
    void stop();
    /// False when the queue is full or the desk has stopped. `done` runs on the desk's thread.
    bool take(Peer peer, AdminRequest request, std::function<void(AdminReply)> done);

private:
    struct Work {
        Peer peer;
        AdminRequest request;
        std::function<void(AdminReply)> done;
    };
    void run();
    [[nodiscard]] AdminReply answer(const Work& work) const;

    Handler handler_;
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Work> waiting_;
    bool stopping_ = false;
    std::thread thread_; // last: it uses everything above
};

} // namespace sweepgate::wire
