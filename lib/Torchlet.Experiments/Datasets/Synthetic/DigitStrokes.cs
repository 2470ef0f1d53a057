using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace Torchlet;

/// <summary>
/// How people write the ten digits: for each digit a few styles, for each style the strokes of the pen, for each stroke the points
/// that it passes, in a box of width and height 1 with y downwards.
/// </summary>
static class DigitStrokes
{
    /// <summary>A point of a stroke; the pen turns sharply at a corner and smoothly elsewhere.</summary>
    public readonly record struct Knot(Vector2 At, bool IsCorner);

    /// <summary>[digit][style][stroke][knot].</summary>
    public static ImmutableArray<ImmutableArray<ImmutableArray<ImmutableArray<Knot>>>> Styles { get; } =
    [.. new string[][]
    {
        [
            ".55,.03 .22,.18 .08,.55 .25,.92 .58,.97 .88,.65 .82,.22 .5,.04",
            ".7,.1 .4,.02 .12,.35 .15,.8 .45,.98 .82,.8 .92,.4 .72,.1 .5,.12",
            ".45,.05 .15,.3 .1,.7 .4,.97 .75,.82 .85,.4 .65,.08 .35,.08 .22,.2",
        ],
        [
            ".52,.02 .5,.5 .48,.98",
            ".5,.02 .52,.3 .48,.7 .5,.98",
            ".3,.24 .55,.03! .52,.5 .5,.98",
            ".3,.22 .54,.03! .52,.95; .22,.96 .8,.95",
        ],
        [
            ".13,.25 .32,.05 .65,.04 .8,.26 .58,.58 .12,.95! .5,.93 .92,.92",
            ".15,.24 .42,.03 .76,.16 .7,.44 .36,.82 .13,.93 .1,.78 .32,.74 .58,.9 .94,.88",
            ".1,.14 .48,.04 .78,.2 .66,.52 .18,.94! .48,.86 .72,.96 .95,.86",
        ],
        [
            ".15,.16 .45,.02 .78,.16 .7,.38 .4,.47! .8,.6 .84,.84 .5,.98 .12,.88",
            ".15,.06 .82,.05! .44,.4! .78,.54 .8,.84 .46,.98 .12,.86",
            ".2,.12 .55,.03 .76,.2 .6,.42 .4,.48 .45,.42 .74,.54 .82,.78 .56,.97 .14,.9",
        ],
        [
            ".25,.04 .15,.52! .86,.48; .76,.06 .68,.97",
            ".66,.97 .66,.03! .08,.66! .94,.63",
            ".2,.06 .16,.36 .34,.56 .8,.42; .82,.04 .74,.6 .68,.97",
            ".3,.03 .18,.3 .14,.56! .5,.58 .92,.52; .62,.34 .58,.98",
        ],
        [
            ".82,.05 .28,.06! .22,.45! .55,.38 .85,.6 .75,.9 .4,.98 .1,.88",
            ".3,.06 .22,.46! .58,.4 .82,.65 .65,.93 .12,.92; .3,.06 .9,.03",
            ".82,.06 .42,.1 .28,.3 .45,.45 .74,.6 .7,.87 .4,.97 .12,.86",
        ],
        [
            ".7,.03 .36,.3 .15,.65 .3,.95 .65,.95 .8,.7 .6,.52 .22,.68",
            ".5,.02 .26,.45 .22,.8 .46,.98 .76,.86 .7,.6 .42,.55 .22,.76",
            ".82,.1 .55,.05 .25,.35 .14,.72 .4,.97 .76,.84 .74,.58 .45,.54 .18,.7",
        ],
        [
            ".12,.1 .5,.1 .85,.06! .6,.45 .45,.97",
            ".15,.08 .86,.07! .4,.97",
            ".14,.24 .16,.08! .86,.08! .56,.5 .42,.98",
            ".12,.08 .85,.06! .58,.5 .45,.97; .3,.52 .78,.47",
        ],
        [
            ".75,.13 .45,.03 .22,.2 .5,.46 .8,.7 .5,.98 .2,.78 .45,.5 .78,.25 .7,.08",
            ".5,.03 .24,.22 .5,.46 .76,.24 .5,.03; .5,.46 .18,.72 .5,.98 .82,.72 .5,.46",
            ".68,.06 .3,.1 .3,.34 .7,.62 .74,.88 .42,.98 .22,.8 .5,.52 .76,.3 .66,.05",
        ],
        [
            ".8,.15 .5,.03 .2,.25 .38,.5 .72,.38 .8,.12! .76,.55 .66,.98",
            ".78,.15 .45,.04 .2,.28 .45,.5 .76,.32 .8,.12 .82,.5 .7,.85 .42,.98 .18,.9",
            ".74,.1 .42,.06 .24,.3 .5,.46 .76,.28 .74,.08! .6,.97",
        ],
    }.Select(styles => styles.Select(Style).ToImmutableArray())];

    static ImmutableArray<ImmutableArray<Knot>> Style(string strokes) =>
        [.. strokes.Split(';', StringSplitOptions.TrimEntries).Select(stroke => stroke.Split(' ').Select(Parse).ToImmutableArray())];

    static Knot Parse(string knot)
    {
        var numbers = knot.TrimEnd('!').Split(',');
        return new(new(Coordinate(numbers[0]), Coordinate(numbers[1])), knot.EndsWith('!'));
    }

    static float Coordinate(string number) => float.Parse(number, CultureInfo.InvariantCulture);
}
