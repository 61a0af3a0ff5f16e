// SPDX-License-Identifier: Apache-2.0
// What peers ask of a publisher. A message is judged in this order, and each way out is counted:
// framing (malformed), key (unknown_key), role (role_denied), content (malformed).
#include <cstdio>

#include "controlplane/wire/messages.hpp"
#include "controlplane/wire/payload.hpp"
#include "controlplane/wire/publisher_loop.hpp"

namespace sweepgate::wire {

namespace {

bool is_gate_role(Role role) {
    return role == Role::local || role == Role::gate || role == Role::relay;
}

/// ZeroMQ's words for who opened the socket file: "localhost:uid:gid:pid", or without the name.
std::string local_address(const std::string& credentials) {
    unsigned uid = 0;
    unsigned gid = 0;
    unsigned pid = 0;
    const auto colon = credentials.find(':');
    if (colon == std::string::npos ||
        std::sscanf(credentials.c_str() + colon, ":%u:%u:%u", &uid, &gid, &pid) != 3)
        return {};
    return "uid " + std::to_string(uid) + " pid " + std::to_string(pid);
}

/// Of all answers to one question: some 50 MB.
constexpr std::size_t kMaxCollectedTalkers = 200'000;

void encode(std::uint64_t id, const AdminReply& from, proto::AdminReply& to) {
    to.set_id(id);
    to.set_failed(from.failed ? 1U + static_cast<std::uint32_t>(*from.failed) : 0U);
    to.set_error(from.error);
    to.set_json(from.json);
}

} // namespace

template <typename Work>
void Publisher::Loop::guarded(Work work) {
    try {
        work();
    } catch (const std::exception&) {
        counters.count("handler_threw");
    }
}

void Publisher::Loop::serve(std::size_t stand) {
    // Bounded, so that one busy peer cannot starve beacons and authentication.
    for (int i = 0; i < 64; ++i) {
        const auto received = stands_[stand].socket->receive();
        if (!received) return;
        serve_one(stand, *received);
    }
}

void Publisher::Loop::serve_one(std::size_t stand, const Received& received) {
    proto::Request request;
    if (received.parts.size() != 2 || !parse_message(received.parts[1], request)) {
        counters.count("malformed");
        return;
    }
    const auto peer = peer_of(stands_[stand], received);
    if (!peer) {
        counters.count("unknown_key");
        return;
    }
    const auto& key = received.user_id.empty() ? peer->address : received.user_id;
    if (!crowd_of(stands_[stand]).spoke(received.descriptor, key)) return shut(received.descriptor);
    handle(stand, received.parts[0], *peer, request);
}

std::optional<Peer> Publisher::Loop::peer_of(const Stand& stand, const Received& received) const {
    if (!stand.curve)
        return Peer{stand.role,
                    stand.role == Role::local ? "local" : "box",
                    local_address(received.peer_address),
                    {}};
    const auto* key = options_.authorized.find(received.user_id);
    if (key == nullptr) return std::nullopt;
    return Peer{key->role, key->name, received.peer_address, fingerprint(received.user_id)};
}

bool Publisher::Loop::admits(const std::string& domain, const std::string& key,
                             const std::string& address) {
    const auto* known = options_.authorized.find(key);
    const bool subscribes = domain != kRequestsDomain;
    const bool permitted = known != nullptr &&
                           (!subscribes || known->role == Role::gate || known->role == Role::relay);
    const bool often = permitted && comes_too_often(key);
    const bool in = permitted && !often;
    counters.count(in ? "admitted" : "key_refused");
    if (!in && handlers_.on_refused)
        guarded([&] {
            handlers_.on_refused({{Role::gate, "", address, {}},
                                  fingerprint(key),
                                  "connect",
                                  known == nullptr ? "not in authorized_keys"
                                  : often          ? "connects too often"
                                                   : "its role may not subscribe to updates"});
        });
    return in;
}

void Publisher::Loop::handle(std::size_t stand, const std::string& route, const Peer& peer,
                             const proto::Request& request) {
    using What = proto::Request::WhatCase;
    const auto what = request.what_case();
    if (what == What::kAdmin) return on_admin(stand, route, peer, request.admin());
    if (what == What::WHAT_NOT_SET) return counters.count("malformed");
    if (!is_gate_role(peer.role)) return refuse(stand, route, peer, "report", "speak as a gate");
    switch (what) {
    case What::kFetch: return on_fetch(stand, route, request.fetch());
    case What::kAcknowledgement: return on_acknowledgement(peer, request.acknowledgement());
    case What::kReport: return on_report(peer, request.report());
    case What::kTop: return on_top(peer, request.top());
    case What::kEvents: return on_events(peer, request.events());
    case What::kTrustWanted: return on_trust_wanted(stand, route);
    default: return on_answer(peer, request.answer());
    }
}

bool Publisher::Loop::speaks_for(const Peer& peer, const std::string& gate) {
    const bool own = gate == peer.name || gate.starts_with(peer.name + "/");
    if (peer.role != Role::gate || own) return true;
    counters.count("foreign_gate");
    return false;
}

void Publisher::Loop::on_trust_wanted(std::size_t stand, const std::string& route) {
    counters.count("trust_wanted");
    proto::Reply answer;
    answer.set_trust(trust_);
    reply(stand, route, answer);
}

void Publisher::Loop::on_fetch(std::size_t stand, const std::string& route,
                               const proto::Fetch& fetch) {
    counters.count("fetches");
    proto::Reply answer;
    Digest held{};
    const auto& chain = current_.sealed_snapshot;
    if (chain.empty()) {
        answer.set_none(true);
    } else if (fetch.generation() != 0 && fetch.generation() != current_.generation) {
        answer.set_moved(true);
    } else if (fetch.offset() == 0 && fetch.held_generation() == current_.generation &&
               digest_from_bytes(fetch.held_digest(), held) && held == current_.digest) {
        answer.set_current(current_.generation);
    } else if (fetch.offset() >= chain.size()) {
        return counters.count("malformed");
    } else {
        auto* chunk = answer.mutable_chunk();
        chunk->set_generation(current_.generation);
        chunk->set_total(chain.size());
        chunk->set_offset(fetch.offset());
        chunk->set_part(chain.substr(fetch.offset(), kChunkBytes));
    }
    reply(stand, route, answer);
}

void Publisher::Loop::on_acknowledgement(const Peer& peer, const proto::Acknowledgement& message) {
    const auto acknowledgement = decode(message);
    if (!acknowledgement) return counters.count("malformed");
    if (!speaks_for(peer, acknowledgement->gate)) return;
    if (!peers.note(peer, *acknowledgement)) return counters.count("too_many_gates");
    counters.count("acknowledgements");
    if (handlers_.on_acknowledgement)
        guarded([&] { handlers_.on_acknowledgement(peer, *acknowledgement); });
}

void Publisher::Loop::on_report(const Peer& peer, const proto::GateReport& message) {
    const auto report = decode(message);
    if (!report) return counters.count("malformed");
    if (!speaks_for(peer, report->gate)) return;
    if (!peers.note(peer, *report)) return counters.count("too_many_gates");
    counters.count("reports");
    if (handlers_.on_report) guarded([&] { handlers_.on_report(peer, *report); });
}

void Publisher::Loop::on_answer(const Peer& peer, const proto::ProbeAnswer& message) {
    const auto answer = decode(message);
    const auto address = address_from_wire(message.address());
    if (!answer || !address) return counters.count("malformed");
    if (!speaks_for(peer, answer->gate)) return;
    counters.count("probe_answers");
    {
        const std::lock_guard lock(probes_mutex_);
        for (auto& waiting : probes_) {
            if (waiting.address != *address || waiting.answers.size() >= kMaxGates) continue;
            waiting.missing.erase(answer->gate);
            waiting.answers.push_back(*answer);
        }
    }
    probes_changed_.notify_all();
    if (handlers_.on_probe_answer)
        guarded([&] { handlers_.on_probe_answer(peer, *address, *answer); });
}

void Publisher::Loop::on_top(const Peer& peer, const proto::TopAnswer& message) {
    const auto answer = decode(message);
    if (!answer) return counters.count("malformed");
    if (!speaks_for(peer, answer->gate)) return;
    counters.count("top_answers");
    {
        const std::lock_guard lock(probes_mutex_);
        for (auto& waiting : tops_) {
            // Only gates that we heard of, and each once.
            if (waiting.id != message.id() || waiting.missing.erase(answer->gate) == 0) continue;
            waiting.talkers += answer->talkers.size();
            if (waiting.talkers <= kMaxCollectedTalkers) waiting.answers.push_back(*answer);
        }
    }
    probes_changed_.notify_all();
    if (handlers_.on_top_answer)
        guarded([&] { handlers_.on_top_answer(peer, message.id(), *answer); });
}

void Publisher::Loop::on_events(const Peer& peer, const proto::HitEvents& message) {
    const auto events = decode(message);
    if (!events) return counters.count("malformed");
    if (!speaks_for(peer, events->gate)) return;
    counters.count("events");
    if (handlers_.on_events) guarded([&] { handlers_.on_events(peer, *events); });
}

void Publisher::Loop::on_admin(std::size_t stand, const std::string& route, const Peer& peer,
                               const proto::AdminRequest& message) {
    auto request = decode(message);
    if (!request) return counters.count("malformed");
    const auto reading = options_.reading_verbs.find(request->verb);
    const bool reads = reading != options_.reading_verbs.end();
    const bool permitted = peer.role == Role::local || peer.role == Role::admin ||
                           (peer.role == Role::viewer && reads);
    if (!permitted) return refuse(stand, route, peer, request->verb, "ask for " + request->verb);
    counters.count("admin_requests");
    const auto answer = [this, stand, route, id = message.id()](const AdminReply& result) {
        const auto send = [this, stand, route, id, result] {
            proto::Reply wire;
            encode(id, result, *wire.mutable_admin());
            reply(stand, route, wire);
        };
        if (!wakeup_.post(send, result.json.size())) counters.count("overloaded");
    };
    const auto lane = !reads                             ? AdminDesk::Lane::change
                      : reading->second == Effort::quick ? AdminDesk::Lane::quick
                                                         : AdminDesk::Lane::lengthy;
    if (!desk_->take(lane, peer, std::move(*request), answer))
        answer(AdminReply::fault({Errc::unavailable, "too many requests are waiting"}));
}

void Publisher::Loop::refuse(std::size_t stand, const std::string& route, const Peer& peer,
                             const std::string& verb, const std::string& what) {
    counters.count("role_denied");
    const auto reason = std::string(to_string(peer.role)) + " " + peer.name + " may not " + what;
    if (handlers_.on_refused) guarded([&] { handlers_.on_refused({peer, "", verb, reason}); });
    proto::Reply wire;
    wire.set_refused(reason);
    reply(stand, route, wire);
}

void Publisher::Loop::reply(std::size_t stand, const std::string& route, const proto::Reply& wire) {
    if (!stands_[stand].socket) return;
    if (stands_[stand].socket->send({route, serialize_message(wire)}) != Sent::yes)
        counters.count("unread_reply");
}

} // namespace sweepgate::wire
