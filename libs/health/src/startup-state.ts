/** Whether the service has started; set once by whoever starts it, when it takes work. */
export class StartupState {
  hasStarted = false;
}
