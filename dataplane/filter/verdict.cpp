// SPDX-License-Identifier: Apache-2.0
#include "dataplane/filter/verdict.hpp"

namespace sweepgate::filter {

std::string_view to_string(Verdict verdict) {
    switch (verdict) {
    case Verdict::pass: return "pass";
    case Verdict::pass_allowed: return "pass_allowed";
    case Verdict::pass_not_ip: return "pass_not_ip";
    case Verdict::pass_malformed: return "pass_malformed";
    case Verdict::pass_unjudged: return "pass_unjudged";
    case Verdict::monitor: return "monitor";
    case Verdict::limit: return "limit";
    case Verdict::reject: return "reject";
    case Verdict::drop: return "drop";
    case Verdict::drop_malformed: return "drop_malformed";
    case Verdict::drop_unjudged: return "drop_unjudged";
    case Verdict::drop_limited: return "drop_limited";
    }
    return "unknown";
}

Judgement to_judgement(const Decision& decision) noexcept {
    switch (decision.action) {
    case Action::monitor: return {Verdict::monitor, decision.system};
    case Action::limit: return {Verdict::limit, decision.system};
    case Action::reject: return {Verdict::reject, decision.system};
    case Action::drop: return {Verdict::drop, decision.system};
    case Action::pass: break;
    }
    return {decision.allowed ? Verdict::pass_allowed : Verdict::pass, kNoSystem};
}

} // namespace sweepgate::filter
