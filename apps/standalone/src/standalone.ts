import { analysisService } from '@ecron/analysis';
import { managementService } from '@ecron/management';

/**
 * Both services, for one process, wired as they are when they run apart. Who decides stops before who runs, so
 * that nothing new comes while runs finish.
 */
export const SERVICES = [managementService, analysisService];
