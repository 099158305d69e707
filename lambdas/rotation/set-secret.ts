/**
 * Nothing is to be set at a vendor: the key was valid from its minting. That there is a value is not looked at here, which would
 * cost a call: testSecret verifies it, and finishSecret refuses a version without one.
 */
export const setSecret = async (): Promise<void> => {};
