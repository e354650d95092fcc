//===- tools/hillock/main.cpp - The command line --------------------------===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "tools/hillock/Verbs.h"

int main(int argc, char **argv) {
  using namespace hillock::tool;
  Program program;
  addCompile(program);
  addRun(program);
  addEval(program);
  addInspect(program);
  addDiff(program);
  addTargets(program);
  addReplay(program);
  addWhy(program);
  return runProgram(program, argc, argv);
}
