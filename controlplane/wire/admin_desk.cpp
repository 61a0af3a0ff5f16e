// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/admin_desk.hpp"

namespace sweepgate::wire {

namespace {

/// Who waits for his turn: a key or, over ipc, a user. "uid 1000 pid 4711" is one of his processes.
std::string owner_of(const Peer& peer) {
    if (peer.role == Role::local) return peer.address.substr(0, peer.address.find(" pid "));
    return std::string(to_string(peer.role)) + " " + peer.name;
}

} // namespace

bool AdminDesk::Queue::add(Work work) {
    if (count >= kMaxWaiting) return false;
    auto owner = owner_of(work.peer);
    auto& own = waiting[owner];
    if (own.size() >= kMaxWaitingOfKey) return false;
    if (own.empty()) turns.push_back(std::move(owner));
    own.push_back(std::move(work));
    ++count;
    return true;
}

AdminDesk::Work AdminDesk::Queue::next() {
    const auto place = waiting.find(turns.front());
    turns.pop_front();
    auto work = std::move(place->second.front());
    place->second.pop_front();
    if (place->second.empty())
        waiting.erase(place);
    else
        turns.push_back(place->first);
    --count;
    return work;
}

AdminDesk::AdminDesk(Handler handler) : handler_(std::move(handler)) {
    for (auto& clerk : clerks_) clerk.thread = std::thread([this, &clerk] { run(clerk); });
}

AdminDesk::~AdminDesk() { stop(); }

void AdminDesk::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    for (auto& clerk : clerks_) clerk.arrived.notify_all();
    for (auto& clerk : clerks_)
        if (clerk.thread.joinable()) clerk.thread.join();
}

bool AdminDesk::take(Lane lane, Peer peer, AdminRequest request,
                     std::function<void(AdminReply)> done) {
    auto& clerk = clerks_[static_cast<std::size_t>(lane)];
    {
        const std::lock_guard lock(mutex_);
        auto& queue = peer.role == Role::viewer ? clerk.viewers : clerk.admins;
        if (stopping_ || !queue.add({std::move(peer), std::move(request), std::move(done)}))
            return false;
    }
    clerk.arrived.notify_one();
    return true;
}

void AdminDesk::run(Clerk& clerk) {
    std::unique_lock lock(mutex_);
    for (;;) {
        clerk.arrived.wait(
            lock, [&] { return stopping_ || clerk.admins.count != 0 || clerk.viewers.count != 0; });
        if (stopping_) return;
        const auto work = clerk.admins.count != 0 ? clerk.admins.next() : clerk.viewers.next();
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
