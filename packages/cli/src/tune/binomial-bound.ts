/** The one-sided 95 % Clopper-Pearson bound: a true rate above it would show this few events in so many trials less than once in 20. With none it is the rule of three. */
export function upperBound(events: number, trials: number): number {
  if (trials === 0 || events >= trials) return 1;
  let low = events / trials;
  let high = 1;
  for (let step = 0; step < 60; step++) {
    const rate = (low + high) / 2;
    if (atMost(events, trials, rate) > 0.05) low = rate;
    else high = rate;
  }
  return high;
}

function atMost(events: number, trials: number, rate: number): number {
  let logarithm = trials * Math.log1p(-rate);
  let sum = Math.exp(logarithm);
  for (let count = 1; count <= events; count++) {
    logarithm += Math.log((trials - count + 1) / count) + Math.log(rate) - Math.log1p(-rate);
    sum += Math.exp(logarithm);
  }
  return sum;
}
