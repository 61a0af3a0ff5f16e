// SPDX-License-Identifier: Apache-2.0
#include "resolver/lineup.hpp"

#include <string>

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::dns;

TEST_GROUP(Lineup) {
    std::vector<Question> questions;

    void ask(const std::string& name, std::optional<std::uint8_t> server, bool last) {
        questions.push_back({name, RrType::a, server, last});
    }
    // "any: a b; 1: c"
    std::string order() {
        std::string text;
        for (auto& line : lineups(questions)) {
            if (!text.empty()) text += "; ";
            text += line.server() ? std::to_string(*line.server()) + ":" : "any:";
            for (; !line.empty(); line.pop()) text += " " + questions[line.front()].name;
        }
        return text;
    }
};

TEST(Lineup, IsOnePerServer) {
    ask("a", {}, false);
    ask("b", 3, false);
    ask("c", {}, false);
    ask("d", 0, false);
    ask("e", 3, false);
    STRCMP_EQUAL("any: a c; 0: d; 3: b e", order().c_str());
}

TEST(Lineup, PutsWhatFailedLastTimeLast) {
    ask("a", {}, true);
    ask("b", {}, false);
    ask("c", 255, true);
    ask("d", {}, true);
    ask("e", {}, false);
    STRCMP_EQUAL("any: b e a d; 255: c", order().c_str());
}

TEST(Lineup, IsNoneForNoQuestions) { STRCMP_EQUAL("", order().c_str()); }
