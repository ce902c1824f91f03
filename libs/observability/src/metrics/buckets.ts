/** Upper bounds in seconds. What is wanted is a tenth of a second; what outages leave behind comes hours late. */
export const LATENESS_BUCKETS_S = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800, 7_200,
];

/** Upper bounds in seconds: from a quick answer to a job of a night. */
export const DURATION_BUCKETS_S = [
  0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 1_800, 7_200, 28_800,
];
