declare module 'mjml' {
  interface MjmlProblem {
    readonly line: number
    readonly message: string
    readonly tagName: string
  }
  export default function mjml2html(
    mjml: string,
    options: {
      readonly validationLevel: 'soft'
      readonly fonts: Readonly<Record<string, string>>
      readonly ignoreIncludes: true
    },
  ): Promise<{ readonly html: string; readonly errors: readonly MjmlProblem[] }>
}
