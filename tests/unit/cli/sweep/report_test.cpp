// SPDX-License-Identifier: Apache-2.0
#include "controlplane/cli/sweep/report.hpp"

#include <sstream>

#include "controlplane/cli/sweep/progress.hpp"
#include "tests/unit/cli/sweep/answers.hpp"

#include <CppUTest/TestHarness.h>

using namespace sweepgate;
using namespace sweepgate::cli;
using namespace sweepgate::test;

TEST_GROUP(SweepReport) {
    std::ostringstream out;
    std::vector<Question> questions = {
        {"a.example", RrType::a}, {"b.example", RrType::a}, {"c.example", RrType::a}};
    SweepPrinter printer{out, SweepFormat::short_line, true};
    SweepReport report{questions, printer, OutcomeCounts(false), out, [] {}};

    static Answer numbered(std::size_t number, Answer answer) {
        answer.number = number;
        return answer;
    }
};

TEST(SweepReport, PrintsInTheOrderOfTheNames) {
    report.add(numbered(2, answer("c.example", {"203.0.113.3"})));
    report.add(numbered(1, answer("b.example", {"203.0.113.2"})));
    STRCMP_EQUAL("", out.str().c_str());
    report.add(numbered(0, answer("a.example", {})));
    STRCMP_EQUAL("a.example A NODATA -\nb.example A NOERROR - 203.0.113.2\n"
                 "c.example A NOERROR - 203.0.113.3\n",
                 out.str().c_str());
}

TEST(SweepReport, PrintsWhatItHasWhenStopped) {
    report.add(numbered(2, answer("c.example", {"203.0.113.3"})));
    report.finish();
    STRCMP_EQUAL("c.example A NOERROR - 203.0.113.3\n", out.str().c_str());
}

TEST(SweepReport, PassesOverQuestionsThatAreNotShown) {
    CHECK_FALSE(report.add(numbered(3, answer("protected.example", {"203.0.113.9"}))));
    CHECK_EQUAL(0U, report.counts().total());
    STRCMP_EQUAL("", out.str().c_str());
}

TEST(SweepReport, KeepsTheTypesOfANameTogether) {
    std::vector<Question> pairs;
    for (const auto* name : {"a.example", "b.example"})
        for (const auto type : {RrType::a, RrType::aaaa}) pairs.push_back({name, type});
    SweepReport both(pairs, printer, OutcomeCounts(false), out, [] {});
    for (const std::size_t number : {3U, 2U, 1U, 0U}) {
        auto one = numbered(number, answer(pairs[number].name, {}));
        one.question = pairs[number];
        both.add(one);
    }
    STRCMP_EQUAL("a.example A NODATA -\na.example AAAA NODATA -\n"
                 "b.example A NODATA -\nb.example AAAA NODATA -\n",
                 out.str().c_str());
}

TEST(SweepReport, LetsASlowNameHoldUpSoManyOthersOnly) {
    std::vector<Question> names;
    for (std::size_t i = 0; i < SweepReport::kMostHeldUp + 3; ++i)
        names.push_back({std::to_string(i) + ".example", RrType::a});
    SweepReport long_one(names, printer, OutcomeCounts(false), out, [] {});
    for (std::size_t i = 1; i <= SweepReport::kMostHeldUp; ++i)
        long_one.add(numbered(i, answer(names[i].name, {})));
    STRCMP_EQUAL("", out.str().c_str());
    const auto last = SweepReport::kMostHeldUp + 1;
    long_one.add(numbered(last, answer(names[last].name, {})));
    CHECK_TRUE(out.str().starts_with("1.example A NODATA -\n2.example A NODATA -\n"));
    CHECK_TRUE(out.str().ends_with(names[last].name + " A NODATA -\n"));
    long_one.add(numbered(0, answer(names[0].name, {})));
    CHECK_TRUE(out.str().ends_with("\n0.example A NODATA -\n"));

    out.str("");
    SweepReport strict(names, printer, OutcomeCounts(false), out, [] {});
    strict.keep_order();
    for (std::size_t i = names.size() - 1; i > 0; --i)
        strict.add(numbered(i, answer(names[i].name, {})));
    STRCMP_EQUAL("", out.str().c_str());
    strict.add(numbered(0, answer(names[0].name, {})));
    CHECK_TRUE(out.str().starts_with("0.example A NODATA -\n1.example"));
}

TEST(SweepReport, ChoosesTheExitCodeByTheWorst) {
    OutcomeCounts counts(false);
    counts.add(Outcome::timeout);
    CHECK_EQUAL(kSweepNoServer, counts.exit_code());
    counts.add(Outcome::nxdomain);
    CHECK_EQUAL(kSweepSomeFailed, counts.exit_code());
    counts.remove(Outcome::timeout);
    CHECK_EQUAL(kSweepAllAnswered, counts.exit_code());
    counts.add(Outcome::filtered);
    CHECK_EQUAL(kSweepSomeFailed, counts.exit_code());
    OutcomeCounts strict(true);
    strict.add(Outcome::nodata);
    CHECK_EQUAL(kSweepSomeFailed, strict.exit_code());
    STRCMP_EQUAL("1 NODATA", strict.text().c_str());
}

TEST_GROUP(Progress){};

TEST(Progress, SaysHowFarAndHowLong) {
    STRCMP_EQUAL("[##########..........]  50 %  50,000/100,000  10,000/s  12 failed  5 s left",
                 progress_line(50'000, 100'000, 12, std::chrono::seconds(5)).c_str());
    STRCMP_EQUAL("[####################] 100 %  3/3  3/s",
                 progress_line(3, 3, 0, std::chrono::seconds(1)).c_str());
}

TEST(Progress, IsForTerminalsOnly) {
    std::ostringstream err;
    {
        ProgressBar bar(err, 10, false);
        bar.update(1, 0);
    }
    STRCMP_EQUAL("", err.str().c_str());
}
