// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/admin_desk.hpp"

namespace sweepgate::wire {

namespace {
constexpr std::size_t kMaxWaiting = 64;
}

AdminDesk::AdminDesk(Handler handler) : handler_(std::move(handler)), thread_([this] { run(); }) {}

AdminDesk::~AdminDesk() { stop(); }

void AdminDesk::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    arrived_.notify_all();
    if (thread_.joinable()) thread_.join();
}

bool AdminDesk::take(Peer peer, AdminRequest request, std::function<void(AdminReply)> done) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_ || waiting_.size() >= kMaxWaiting) return false;
        waiting_.push_back({std::move(peer), std::move(request), std::move(done)});
    }
    arrived_.notify_one();
    return true;
}

void AdminDesk::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        arrived_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (stopping_) return;
        const auto work = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        try {
            work.done(answer(work));
        } catch (const std::exception&) { // memory: the client sees a timeout, the next is served
        }
        lock.lock();
    }
}

AdminReply AdminDesk::answer(const Work& work) const {
    if (!handler_) return AdminReply::fault({Errc::not_found, "no admin verbs here"});
    try {
        auto reply = handler_(work.peer, work.request);
        if (reply.json.size() <= kMaxAdminReply) return reply;
        return AdminReply::fault({Errc::bad_input, "the answer to " + work.request.verb + " has " +
                                                       std::to_string(reply.json.size()) +
                                                       " bytes, over the limit"});
    } catch (const std::exception& error) {
        return AdminReply::fault({Errc::io, work.request.verb + ": " + error.what()});
    }
}

} // namespace sweepgate::wire
