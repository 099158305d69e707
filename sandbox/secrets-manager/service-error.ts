/** An error as AWS answers it: `name` is AWS's code, `statusCode` the HTTP status. */
export class ServiceError extends Error {
  readonly statusCode: number;

  constructor(name: string, message: string, statusCode = 400) {
    super(message);
    this.name = name;
    this.statusCode = statusCode;
  }
}

export const invalidParameter = (message: string): ServiceError =>
  new ServiceError("InvalidParameterException", message);

export const invalidRequest = (message: string): ServiceError => new ServiceError("InvalidRequestException", message);

export const notFound = (message: string): ServiceError => new ServiceError("ResourceNotFoundException", message);

export const limitExceeded = (message: string): ServiceError => new ServiceError("LimitExceededException", message);

export const secretNotFound = (): ServiceError => notFound("Secrets Manager can't find the specified secret.");

export const markedForDeletion = (): ServiceError =>
  invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");

export const tokenInUse = (code: string, token: string, arn: string): ServiceError =>
  new ServiceError(
    code,
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${arn}.`,
  );

/** For what AWS has and this model leaves out; `what` names it, so that nobody has to guess. */
export const notImplemented = (what: string): ServiceError =>
  new ServiceError("NotImplementedException", `${what}: AWS Secrets Manager has it, this sandbox does not.`);
