/** Where every path of the API lives, except health, documentation and a callback path set otherwise. */
export const API_PREFIX = '/api/ecron-management/v1';
