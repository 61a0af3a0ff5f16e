// SPDX-License-Identifier: Apache-2.0
#include "controlplane/agent/kernel.hpp"

#include <algorithm>

#include "controlplane/wire/envelope.hpp"

namespace sweepgate::agent {

std::string encode(const KernelState& state) {
    FrameWriter out;
    out.number(state.generation)
        .text({reinterpret_cast<const char*>(state.digest.data()), state.digest.size()})
        .number(state.repaired)
        .number(state.systems.size());
    for (const auto& counter : state.systems)
        out.text(counter.system)
            .number(counter.dropped)
            .number(counter.rejected)
            .number(counter.monitored)
            .number(counter.limited)
            .number(counter.within);
    out.number(state.schedules.size());
    for (const auto& schedule : state.schedules) out.text(schedule);
    out.number(state.bypasses.size());
    for (const auto& bypass : state.bypasses) out.text(bypass);
    out.text(state.fault);
    return std::move(out.bytes);
}

Result<KernelState> decode_state(std::string_view bytes) {
    FrameReader in(bytes);
    KernelState state;
    state.generation = in.number();
    const auto digest = in.text();
    state.repaired = in.number();
    for (auto left = in.count(); left > 0; --left) {
        SystemCounter counter{in.text(),   in.number(), in.number(),
                              in.number(), in.number(), in.number()};
        state.systems.push_back(std::move(counter));
    }
    for (auto left = in.count(); left > 0; --left) state.schedules.push_back(in.text());
    for (auto left = in.count(); left > 0; --left) state.bypasses.push_back(in.text());
    state.fault = in.text();
    if (!in.ok() || digest.size() != state.digest.size())
        return fail(Errc::bad_input, "the apply half's state is malformed");
    std::copy(digest.begin(), digest.end(), state.digest.begin());
    return state;
}

std::string encode(const ProbeAnswer& answer) {
    FrameWriter out;
    out.number(answer.generation)
        .number(answer.listed ? 1 : 0)
        .number(answer.allowed ? 1 : 0)
        .number(static_cast<std::uint8_t>(answer.scope))
        .number(static_cast<std::uint8_t>(answer.action))
        .text(answer.error)
        .number(answer.systems.size());
    for (const auto& system : answer.systems) out.text(system);
    return std::move(out.bytes);
}

Result<ProbeAnswer> decode_answer(std::string_view bytes) {
    FrameReader in(bytes);
    ProbeAnswer answer;
    answer.generation = in.number();
    answer.listed = in.number() != 0;
    answer.allowed = in.number() != 0;
    answer.scope = static_cast<Scope>(in.number());
    answer.action = static_cast<Action>(in.number());
    answer.error = in.text();
    for (auto left = in.count(); left > 0; --left) answer.systems.push_back(in.text());
    if (!in.ok()) return fail(Errc::bad_input, "the apply half's answer is malformed");
    return answer;
}

Result<std::string> Kernel::ask(Order order, std::string_view bytes) {
    if (auto ok = channel_.send(static_cast<std::uint32_t>(order), bytes); !ok)
        return tl::unexpected(ok.error());
    auto answer = channel_.receive();
    if (!answer) return tl::unexpected(answer.error());
    if (answer->kind == 0) return std::move(answer->bytes);
    const bool known = answer->kind <= 1U + static_cast<std::uint32_t>(Errc::io);
    return fail(known ? static_cast<Errc>(answer->kind - 1) : Errc::io, std::move(answer->bytes));
}

Status Kernel::enforce(const std::string& chain, Generation generation) {
    const auto links = wire::links_of(chain);
    if (!links) return tl::unexpected(links.error());
    const std::lock_guard lock(mutex_);
    Result<std::string> done = fail(Errc::stale_generation, "nothing sent yet");
    if (held_ != 0 && links->size() > 1) done = ask(Order::enforce_delta, links->back());
    if (!done && done.error().code == Errc::stale_generation)
        done = ask(Order::enforce_chain, chain);
    if (!done) return tl::unexpected(done.error());
    held_ = generation;
    return {};
}

Status Kernel::trust(const std::string& list) {
    const std::lock_guard lock(mutex_);
    const auto done = ask(Order::trust, list);
    if (!done) return tl::unexpected(done.error());
    return {};
}

Result<ProbeAnswer> Kernel::probe(const Address& address) {
    const auto bytes = to_bytes(address);
    const std::lock_guard lock(mutex_);
    const auto answer = ask(
        Order::probe, {reinterpret_cast<const char*>(bytes.data()), width_bytes(address.family)});
    if (!answer) return tl::unexpected(answer.error());
    return decode_answer(*answer);
}

Result<KernelState> Kernel::state() {
    const std::lock_guard lock(mutex_);
    const auto answer = ask(Order::status, {});
    if (!answer) return tl::unexpected(answer.error());
    return decode_state(*answer);
}

} // namespace sweepgate::agent
