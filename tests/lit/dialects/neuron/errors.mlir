// RUN: hillock-opt %s --verify-diagnostics --split-input-file

// expected-error@+1 {{ports must be 1 to 16, is 0}}
neuron.model @no_port ports 0 {
}

// -----

// expected-error@+1 {{ports must be 1 to 16, is 17}}
neuron.model @many_ports ports 17 {
}

// -----

neuron.model @bad_port ports 2 {
  // expected-error@+1 {{port 2 does not exist: the model has ports 0 to 1}}
  %x = neuron.input 2
}

// -----

neuron.model @negative_port ports 2 {
  // expected-error@+1 {{port -1 does not exist}}
  %x = neuron.input -1
}

// -----

neuron.model @port_twice ports 1 {
  // expected-note@+1 {{the first is here}}
  %x = neuron.input 0
  // expected-error@+1 {{declares port '0' a second time}}
  %y = neuron.input 0
}

// -----

neuron.model @state_twice ports 1 {
  // expected-note@+1 {{the first is here}}
  %x = neuron.state "v" bits 3 : i32
  // expected-error@+1 {{declares state 'v' a second time}}
  %y = neuron.state "v" bits 4 : i32
}

// -----

neuron.model @param_twice ports 1 {
  // expected-note@+1 {{the first is here}}
  %x = neuron.param "vth" range 0 to 1
  // expected-error@+1 {{declares parameter 'vth' a second time}}
  %y = neuron.param "vth" range 0 to 1
}

// -----

neuron.model @wide_state ports 1 {
  // expected-error@+1 {{bits must be 1 to 31, is 32}}
  %x = neuron.state "v" bits 32 : i32
}

// -----

neuron.model @no_bits ports 1 {
  // expected-error@+1 {{bits must be 1 to 31, is 0}}
  %x = neuron.state "v" bits 0 : i32
}

// -----

neuron.model @no_name ports 1 {
  // expected-error@+1 {{needs a name}}
  %x = neuron.state "" bits 3 : i32
}

// -----

neuron.model @no_param_name ports 1 {
  // expected-error@+1 {{needs a name}}
  %x = neuron.param "" range 0 to 1
}

// -----

neuron.model @empty_range ports 1 {
  // expected-error@+1 {{range of 'vth' is empty: 2 to 1}}
  %x = neuron.param "vth" range 2 to 1
}

// -----

neuron.model @low_range ports 1 {
  // expected-error@+1 {{lower end of the range must be -2147483648 to 2147483647, is -2147483649}}
  %x = neuron.param "vth" range -2147483649 to 1
}

// -----

neuron.model @high_range ports 1 {
  // expected-error@+1 {{upper end of the range must be -2147483648 to 2147483647, is 2147483648}}
  %x = neuron.param "vth" range 0 to 2147483648
}

// -----

neuron.model @unknown_state ports 1 {
  %x = neuron.input 0
  // expected-error@+1 {{writes 'v', which no neuron.state of this model declares}}
  neuron.write "v", %x
}

// -----

neuron.model @written_twice ports 1 {
  %v = neuron.state "v" bits 3 : i32
  // expected-note@+1 {{the first is here}}
  neuron.write "v", %v
  // expected-error@+1 {{declares the next value of 'v' a second time}}
  neuron.write "v", %v
}

// -----

neuron.model @fires_twice ports 1 {
  %t = arith.constant true
  // expected-note@+1 {{the first is here}}
  neuron.fire %t
  // expected-error@+1 {{is the second of its model: it fires once}}
  neuron.fire %t
}

// -----

neuron.model @long_decay ports 1 {
  %x = neuron.input 0
  // expected-error@+1 {{shift must be 0 to 62, is 63}}
  %y = neuron.decay %x by %x shift 63
}

// -----

neuron.model @negative_shift ports 1 {
  %x = neuron.input 0
  // expected-error@+1 {{shift must be 0 to 62, is -1}}
  %y = neuron.mulshr %x, %x shift -1
}

// -----

neuron.model @wide_wrap ports 1 {
  %x = neuron.input 0
  // expected-error@+1 {{bits must be 0 to 31, is 32}}
  %y = neuron.wrap %x bits 32
}

// -----

neuron.model @division ports 1 {
  %x = neuron.input 0
  // expected-error@+1 {{'arith.divsi' op is not allowed in a neuron model: allowed are the ops of the neuron dialect and arith.addi}}
  %y = arith.divsi %x, %x : i32
}

// -----

neuron.model @unsigned ports 1 {
  %x = neuron.input 0
  // expected-error@+1 {{'arith.cmpi' op is not allowed}}
  %y = arith.cmpi ult, %x, %x : i32
}

// -----

neuron.model @wide ports 1 {
  // expected-error@+1 {{'arith.constant' op is not allowed}}
  %x = arith.constant 1 : i64
}

// -----

neuron.model @narrow ports 1 {
  // expected-error@+1 {{result of type 'i8' in a neuron model: expected i32 or i1}}
  %x = arith.constant 1 : i8
}

// -----

neuron.model @arithmetic_on_conditions ports 1 {
  %t = arith.constant true
  // expected-error@+1 {{operand of type 'i1' in a neuron model: expected i32}}
  %x = arith.addi %t, %t : i1
}

// -----

neuron.model @far_shift ports 1 {
  %x = neuron.input 0
  %far = arith.constant 32 : i32
  // expected-error@+1 {{shift must be 0 to 31, is 32}}
  %y = arith.shli %x, %far : i32
}

// -----

neuron.model @nested ports 1 {
  // expected-error@+1 {{parent must have the SymbolTable trait}}
  neuron.model @inner ports 1 {
  }
}

// -----

// expected-error@+1 {{expects parent op 'neuron.model'}}
%x = neuron.input 0

// -----

// expected-error@+1 {{'neuron.random' op expects parent op 'neuron.model'}}
%noise = neuron.random

// -----

neuron.model @saturates_a_condition ports 1 {
  %x = neuron.input 0
  %c = arith.constant true
  // expected-error@+1 {{'neuron.saturate' op operand #0 must be 32-bit signless integer, but got 'i1'}}
  %v = "neuron.saturate"(%c, %x, %x) : (i1, i32, i32) -> i32
}

// -----

neuron.model @resets_on_a_number ports 1 {
  %x = neuron.input 0
  // expected-error@+1 {{'neuron.reset' op operand #1 must be 1-bit signless integer, but got 'i32'}}
  %v = "neuron.reset"(%x, %x, %x) : (i32, i32, i32) -> i32
}
