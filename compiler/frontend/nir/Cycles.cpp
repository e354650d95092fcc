//===- compiler/frontend/nir/Cycles.cpp - Where a cycle takes its step ----===//
//
// Part of the Hillock project, under the Apache License v2.0 with LLVM
// Exceptions. SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#include "base/Describe.h"
#include "compiler/frontend/nir/NormalizeSteps.h"
#include <algorithm>
#include <queue>

namespace hillock::nir {

namespace {

/// Values of this step do not pass through it.
bool breaksCycles(const Node &node) {
  if (node.type != NodeType::Delay)
    return false;
  const Tensor &delay = node.fields.at("delay");
  for (size_t i = 0, n = delay.size(); i < n; ++i)
    if (delay.at(i) <= 0)
      return false;
  return true;
}

class CycleCutter {
public:
  explicit CycleCutter(FlatGraph &flat) : flat(flat) {}
  Error run();
  void sort();

private:
  struct Out {
    size_t to, input; ///< The wire is nodes[to].inputs[input].
  };
  struct Frame {
    size_t node, next; ///< The next element of outs[node] to follow.
  };
  enum class Mark : uint8_t { New, OnPath, Done };

  void collect();
  Error walk(size_t root);
  Error cut(size_t target);
  Wire &wireOf(const Out &out) { return flat.nodes[out.to].inputs[out.input]; }
  Error statelessCycle(size_t first) const;
  void remarkSharedWires();
  bool reaches(size_t from, size_t to) const;

  FlatGraph &flat;
  std::vector<std::vector<Out>> outs; ///< Sorted by the name of `to`.
  std::vector<bool> breaks;
  std::vector<Mark> marks;
  std::vector<Frame> path;
};

void CycleCutter::collect() {
  size_t count = flat.nodes.size();
  outs.resize(count);
  marks.assign(count, Mark::New);
  for (const FlatNode &node : flat.nodes)
    breaks.push_back(breaksCycles(node.node));
  for (size_t to = 0; to < count; ++to)
    for (size_t i = 0; i < flat.nodes[to].inputs.size(); ++i)
      if (!breaks[to])
        outs[flat.nodes[to].inputs[i].from].push_back({to, i});
  for (auto &list : outs)
    std::stable_sort(list.begin(), list.end(), [&](auto &a, auto &b) {
      return flat.nodes[a.to].node.name < flat.nodes[b.to].node.name;
    });
}

Error CycleCutter::statelessCycle(size_t first) const {
  std::vector<std::string> names;
  for (size_t i = first; i < path.size(); ++i)
    names.push_back(quoteName(flat.nodes[path[i].node].node.path));
  return inputError("the cycle through " + describeList(names, 8) +
                        " holds no neuron, so no time passes along it",
                    flat.file, "put a neuron or a Delay on the cycle");
}

/// The wire that was just followed leads to \p target, which is on the path.
Error CycleCutter::cut(size_t target) {
  size_t first = path.size();
  while (path[--first].node != target) {
  }
  auto lastWith = [&](bool spiking) {
    for (size_t i = path.size(); i-- > first;) {
      const NodeSpec &spec = specOf(flat.nodes[path[i].node].node.type);
      if (spec.stateful && (spec.spiking || !spiking))
        return i;
    }
    return SIZE_MAX;
  };
  size_t at = lastWith(true);
  if (at == SIZE_MAX)
    at = lastWith(false);
  if (at == SIZE_MAX)
    return statelessCycle(first);
  const Frame &frame = path[at];
  wireOf(outs[frame.node][frame.next - 1]).delayed = true;
  // What was found behind the cut is found again by another way, or not.
  while (path.size() > at + 1) {
    marks[path.back().node] = Mark::New;
    path.pop_back();
  }
  return Error::success();
}

Error CycleCutter::walk(size_t root) {
  if (marks[root] != Mark::New)
    return Error::success();
  marks[root] = Mark::OnPath;
  path.push_back({root, 0});
  while (!path.empty()) {
    Frame &frame = path.back();
    if (frame.next == outs[frame.node].size()) {
      marks[frame.node] = Mark::Done;
      path.pop_back();
      continue;
    }
    const Out &out = outs[frame.node][frame.next++];
    if (wireOf(out).delayed)
      continue;
    if (marks[out.to] == Mark::OnPath) {
      if (Error error = cut(out.to))
        return error;
    } else if (marks[out.to] == Mark::New) {
      marks[out.to] = Mark::OnPath;
      path.push_back({out.to, 0});
    }
  }
  return Error::success();
}

bool CycleCutter::reaches(size_t from, size_t to) const {
  std::vector<bool> seen(flat.nodes.size(), false);
  std::vector<size_t> work = {from};
  while (!work.empty()) {
    size_t node = work.back();
    work.pop_back();
    if (node == to)
      return true;
    if (seen[node])
      continue;
    seen[node] = true;
    for (const Out &out : outs[node])
      work.push_back(out.to);
  }
  return false;
}

/// A delayed wire into a node that also feeds forward delays that as well.
void CycleCutter::remarkSharedWires() {
  constexpr int mostRemarks = 8, mostSearches = 1000;
  int remarks = 0, searches = 0;
  for (const FlatNode &node : flat.nodes) {
    size_t self = static_cast<size_t>(&node - flat.nodes.data());
    for (const Wire &wire : node.inputs) {
      if (!wire.delayed || specOf(node.node.type).stateful ||
          remarks == mostRemarks)
        continue;
      for (const Out &out : outs[self]) {
        if (++searches > mostSearches)
          return;
        if (reaches(out.to, wire.from))
          continue;
        ++remarks;
        flat.remarks.push_back(
            placeOf(flat, node) + ": lies on a cycle and also feeds " +
            quoteName(flat.nodes[out.to].node.path) +
            ", which therefore sees " +
            quoteName(flat.nodes[wire.from].node.path) + " one step late");
        break;
      }
    }
  }
}

Error CycleCutter::run() {
  collect();
  std::vector<size_t> order(flat.nodes.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  auto rank = [&](size_t i) {
    return flat.nodes[i].node.type == NodeType::Input ? 0 : 1;
  };
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    if (rank(a) != rank(b))
      return rank(a) < rank(b);
    return flat.nodes[a].node.name < flat.nodes[b].node.name;
  });
  for (size_t node : order)
    if (Error error = walk(node))
      return error;
  remarkSharedWires();
  sort();
  return Error::success();
}

/// Kahn's algorithm; of all nodes that are ready, the first by name is next.
void CycleCutter::sort() {
  size_t count = flat.nodes.size();
  std::vector<size_t> waiting(count, 0);
  auto later = [&](size_t a, size_t b) {
    return flat.nodes[a].node.name > flat.nodes[b].node.name;
  };
  std::priority_queue<size_t, std::vector<size_t>, decltype(later)> ready(
      later);
  for (size_t i = 0; i < count; ++i) {
    for (const Wire &wire : flat.nodes[i].inputs)
      waiting[i] += !wire.delayed && !breaks[i];
    if (waiting[i] == 0)
      ready.push(i);
  }
  std::vector<size_t> order, newIndex(count);
  while (!ready.empty()) {
    size_t node = ready.top();
    ready.pop();
    newIndex[node] = order.size();
    order.push_back(node);
    for (const Out &out : outs[node])
      if (!wireOf(out).delayed && --waiting[out.to] == 0)
        ready.push(out.to);
  }
  std::vector<FlatNode> sorted;
  for (size_t node : order)
    sorted.push_back(std::move(flat.nodes[node]));
  for (FlatNode &node : sorted) {
    for (Wire &wire : node.inputs)
      wire.from = newIndex[wire.from];
    std::sort(node.inputs.begin(), node.inputs.end());
  }
  flat.nodes = std::move(sorted);
}

} // namespace

Error cutCycles(FlatGraph &flat) { return CycleCutter(flat).run(); }

} // namespace hillock::nir
