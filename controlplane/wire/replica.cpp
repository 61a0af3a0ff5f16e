// SPDX-License-Identifier: Apache-2.0
#include "controlplane/wire/replica.hpp"

#include "controlplane/wire/messages.hpp"
#include "controlplane/wire/replica_loop.hpp"

namespace sweepgate::wire {

Result<std::unique_ptr<Replica>> Replica::start(ReplicaOptions options, ReplicaHandlers handlers) {
    auto loop = std::make_unique<Loop>(std::move(options), std::move(handlers));
    if (auto ok = loop->open(); !ok) return tl::unexpected(ok.error());
    loop->restore();
    if (auto ok = loop->connect(); !ok) return tl::unexpected(ok.error());
    return std::unique_ptr<Replica>(new Replica(std::move(loop)));
}

Replica::Replica(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
Replica::~Replica() = default;

ReplicaState Replica::state() const { return loop_->state(); }
std::string Replica::sealed() const { return loop_->sealed(); }
std::string Replica::trust_list() const { return loop_->trust_list(); }
void Replica::report_now() { loop_->report_now(); }

void Replica::forward_acknowledgement(const Acknowledgement& acknowledgement) {
    proto::Request request;
    encode(acknowledgement, *request.mutable_acknowledgement());
    loop_->forward("acknowledgement " + acknowledgement.gate, std::move(request));
}

void Replica::forward_report(const GateReport& report) {
    proto::Request request;
    encode(report, *request.mutable_report());
    loop_->forward("report " + report.gate, std::move(request));
}

void Replica::forward_top_answer(std::uint64_t id, const TopAnswer& answer) {
    proto::Request request;
    encode(answer, id, *request.mutable_top());
    loop_->forward("top " + std::to_string(id) + answer.gate, std::move(request));
}

void Replica::forward_events(const HitEvents& events) {
    proto::Request request;
    encode(events, *request.mutable_events());
    loop_->forward({}, std::move(request)); // none takes another's place
}

void Replica::send_events(HitEvents events) {
    loop_->name(events);
    forward_events(events);
}

void Replica::forward_probe_answer(const Address& address, const ProbeAnswer& answer) {
    proto::Request request;
    encode(address, answer, *request.mutable_answer());
    loop_->forward("answer " + to_wire_bytes(address) + answer.gate, std::move(request));
}

} // namespace sweepgate::wire
