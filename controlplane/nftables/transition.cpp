// SPDX-License-Identifier: Apache-2.0
#include "controlplane/nftables/transition.hpp"

namespace sweepgate::nftables {

namespace {

bool is_wanted(Hook hook, const GateOptions& options) {
    return hook == Hook::forward || options.output;
}

/// A base chain cannot be moved, and deleting it would open a gap: somebody has to decide.
Status check_base(const TableState& state, const GateOptions& options, Hook hook) {
    const auto found = state.bases.find(hook);
    if (found == state.bases.end()) return {};
    if (found->second.hooked && found->second.priority == options.priority) return {};
    return fail(Errc::conflict, "table " + options.table + ": chain " + base_chain(hook) +
                                    " is not at its hook with priority " +
                                    std::to_string(options.priority) + ": remove the table first");
}

} // namespace

std::string free_tag(const TableState& state, Generation generation) {
    auto tag = std::to_string(generation);
    for (unsigned again = 1; state.generations.contains(tag); ++again)
        tag = std::to_string(generation) + "r" + std::to_string(again);
    return tag;
}

Result<FinishedBatch> build_batch(const TableState& state, const GateOptions& options,
                                  const Program& program, std::uint32_t sequence) {
    Batch batch(options.table, state.kernel_generation, sequence, options.layer);
    batch.add_table();
    for (const auto hook : kHooks) {
        if (!is_wanted(hook, options)) continue;
        if (auto ok = check_base(state, options, hook); !ok) return tl::unexpected(ok.error());
        const auto base = state.bases.find(hook);
        if (base == state.bases.end() || !base->second.accepts)
            batch.add_base_chain(hook, options.priority); // of one that is there: its policy
    }
    for (const auto& chain : state.foreign) {
        batch.delete_rules(chain);
        batch.delete_chain(chain);
    }
    for (const auto& counter : program.counters)
        if (!state.counters.contains(counter)) batch.add_counter(counter);
    for (const auto& limit : program.limits)
        if (!state.limits.contains(limit.name)) batch.add_limit(limit);
    // Elements before rules: a set that no rule uses yet is not checked element by element.
    for (const auto& chain : program.chains) batch.add_chain(chain);
    for (const auto& set : program.sets) batch.add_set(set);
    for (const auto& map : program.verdicts) batch.add_set(map);
    for (const auto& set : program.sets) batch.add_elements(set);
    for (const auto& map : program.verdicts) batch.add_elements(map);
    for (const auto& chain : program.chains)
        for (const auto& rule : chain.rules) batch.add_rule(chain.name, rule);
    return std::move(batch).finish();
}

Result<FinishedBatch> switch_batch(const TableState& state, const GateOptions& options,
                                   const std::string& tag, std::uint32_t sequence) {
    Batch batch(options.table, state.kernel_generation, sequence, options.layer);
    for (const auto& [hook, base] : state.bases) {
        const auto name = base_chain(hook);
        const Rule jump{Jump{entrance(hook, tag)}};
        if (is_wanted(hook, options) && base.rules.size() == 1) {
            batch.replace_rule(name, base.rules.front().handle, jump);
            continue;
        }
        if (!base.rules.empty()) batch.delete_rules(name);
        if (is_wanted(hook, options)) batch.add_rule(name, jump);
    }
    return std::move(batch).finish();
}

Result<FinishedBatch> cleanup_batch(const TableState& state, const GateOptions& options,
                                    const std::set<std::string>& tags, std::uint32_t sequence) {
    // Rules first: they hold the sets; then the sets: they hold the chains.
    Batch batch(options.table, state.kernel_generation, sequence, options.layer);
    for (const auto& tag : tags)
        for (const auto& chain : state.generations.at(tag).chains) batch.delete_rules(chain);
    for (const auto& tag : tags)
        for (const auto& set : state.generations.at(tag).sets) batch.delete_set(set);
    for (const auto& tag : tags)
        for (const auto& chain : state.generations.at(tag).chains) batch.delete_chain(chain);
    return std::move(batch).finish();
}

} // namespace sweepgate::nftables
