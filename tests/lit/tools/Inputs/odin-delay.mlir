// A delay of 3 steps between two layers.
snn.network @late dt 1.0 time_unit 1.0e-3 {
  %x = snn.input "x" : !snn.spikes<2>
  %c = snn.dense %x weights dense<[[0.5, 0.25], [-0.5, 0.5]]> : tensor<2x2xf32>
      : (!snn.spikes<2>) -> !snn.current<2xf32>
  %a = snn.neurons if %c conventions <integrator = euler,
      order = integrate_fire, reset = zero, compare = strict, refractory = 0,
      multi = false, clamp = 0> {name = "a", r = dense<1.0> : tensor<2xf64>,
      v_threshold = dense<1.0> : tensor<2xf64>,
      v_reset = dense<0.0> : tensor<2xf64>}
      : (!snn.current<2xf32>) -> !snn.spikes<2>
  %d = snn.delay %a steps dense<3> : tensor<1xi64> : !snn.spikes<2>
  %e = snn.dense %d weights dense<[[0.5, 0.5]]> : tensor<1x2xf32>
      : (!snn.spikes<2>) -> !snn.current<1xf32>
  %b = snn.neurons if %e conventions <integrator = euler,
      order = integrate_fire, reset = zero, compare = strict, refractory = 0,
      multi = false, clamp = 0> {name = "b", r = dense<1.0> : tensor<1xf64>,
      v_threshold = dense<1.0> : tensor<1xf64>,
      v_reset = dense<0.0> : tensor<1xf64>}
      : (!snn.current<1xf32>) -> !snn.spikes<1>
  snn.output "y", %b : !snn.spikes<1>
}
