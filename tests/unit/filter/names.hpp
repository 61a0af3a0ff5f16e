// SPDX-License-Identifier: Apache-2.0
// Failures read in words: expected <drop> but was <pass>. Include behind the CppUTest headers'
// users and before CppUTest itself.
#pragma once

#include <string>

#include "dataplane/filter/judge.hpp"

#include <CppUTest/SimpleString.h>

inline SimpleString StringFrom(sweepgate::filter::Verdict verdict) {
    return SimpleString(std::string(to_string(verdict)).c_str());
}

inline SimpleString StringFrom(sweepgate::filter::Kind kind) {
    using sweepgate::filter::Kind;
    switch (kind) {
    case Kind::not_ip: return "not_ip";
    case Kind::ipv4: return "ipv4";
    case Kind::ipv6: return "ipv6";
    case Kind::malformed: return "malformed";
    }
    return "unknown";
}

inline SimpleString StringFrom(const sweepgate::Decision& decision) {
    return SimpleString((std::string(to_string(decision.action)) + " of system " +
                         std::to_string(decision.system) + (decision.allowed ? ", allowed" : ""))
                            .c_str());
}
