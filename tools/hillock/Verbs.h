//===- tools/hillock/Verbs.h - The verbs of the program ---------*- C++ -*-===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Each verb has a file with one function that declares its options and hands
// over what to do. To add a verb: a file, a line here and one in main.cpp.
//
//===----------------------------------------------------------------------===//
#ifndef HILLOCK_TOOLS_HILLOCK_VERBS_H
#define HILLOCK_TOOLS_HILLOCK_VERBS_H

#include "tools/hillock/Output.h"
#include <CLI/CLI.hpp>
#include <functional>

namespace hillock::tool {

/// Returns the exit code: 0, or 3 when what was compared differs (an answer,
/// not an error).
using Action = std::function<Expected<int>(Output &out)>;

/// The program's command line while it is being built.
struct Program {
  CLI::App app;
  Output output;
  Action chosen;

  Program();
  /// A subcommand with --json.
  CLI::App *verb(const std::string &name, const std::string &summary);
  void onRun(CLI::App *verb, Action action);
};

void addCompile(Program &program);
void addRun(Program &program);
void addEval(Program &program);
void addInspect(Program &program);
void addDiff(Program &program);
void addTargets(Program &program);
void addReplay(Program &program);
void addWhy(Program &program);

/// Parses, runs, prints; the exit code (docs/exit-codes.md). Nothing is thrown.
int runProgram(Program &program, int argc, char **argv);

} // namespace hillock::tool

#endif // HILLOCK_TOOLS_HILLOCK_VERBS_H
